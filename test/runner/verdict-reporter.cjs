'use strict';

const { writeSync } = require('node:fs');

/**
 * Says in the last lines what was skipped and why (the reason stands in the name of the test), and how many tests passed
 * and failed. A file that could not be run counts as failed.
 */
module.exports = class VerdictReporter {
  onRunComplete(_contexts, results) {
    const tests = results.testResults.flatMap(({ testResults }) => testResults);
    const skipped = tests.filter(({ status }) => status === 'pending').map(({ fullName }) => `skipped: ${fullName}\n`);
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const verdict = `${skipped.join('')}${results.numPassedTests} passed, ${failed} failed\n`;
    // Jest's own summary comes after all reporters.
    process.once('exit', () => writeSync(1, verdict));
  }
};
