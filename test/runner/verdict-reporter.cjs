'use strict';

const { writeSync } = require('node:fs');

/**
 * Says in the last lines what was skipped and why (the reason stands in the name of the test, or of its group), and how
 * many tests passed and failed. A file that could not be run counts as failed.
 */
module.exports = class VerdictReporter {
  onRunComplete(_contexts, results) {
    const tests = results.testResults.flatMap(({ testResults }) => testResults);
    const skipped = skippedOf(tests).map((what) => `skipped: ${what}\n`);
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const verdict = `${skipped.join('')}${results.numPassedTests} passed, ${failed} failed\n`;
    // Jest's own summary comes after all reporters.
    process.once('exit', () => writeSync(1, verdict));
  }
};

/** What was skipped: a group of which nothing was run is named once. */
function skippedOf(tests) {
  const wasSkipped = ({ status }) => status === 'pending';
  const groupOf = ({ ancestorTitles }) => ancestorTitles[0];
  const whole = (group) => tests.filter((test) => groupOf(test) === group).every(wasSkipped);
  const names = tests.filter(wasSkipped).map((test) => {
    const group = groupOf(test);
    return group !== undefined && whole(group) ? `all of ${group}` : test.fullName;
  });
  return [...new Set(names)];
}
