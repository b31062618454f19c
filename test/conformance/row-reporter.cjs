'use strict';

const { readFileSync, writeSync } = require('node:fs');
const { join, relative } = require('node:path');
const { complaints, judge, listing, readDivergences, readRows, summary } = require('./protocol-rows.cjs');

const ROOT = join(__dirname, '..', '..');
const read = (file) => readFileSync(join(ROOT, file), 'utf8');

/**
 * Holds the tests of a run against test/protocol-rows.md and fails the run where a row is neither proven by a test nor
 * answered for in docs/scep-divergences.md. A run of some tests only is not judged.
 *
 * Option `list`: print every row instead of the sum.
 */
module.exports = class RowReporter {
  constructor(globalConfig, { list = false } = {}) {
    this.globalConfig = globalConfig;
    this.list = list;
  }

  onRunComplete(_contexts, results) {
    if (!isWhole(this.globalConfig) || results.wasInterrupted) return;
    const tests = results.testResults.flatMap(({ testFilePath, testResults }) =>
      testResults.map(({ fullName, status }) => ({ title: fullName, status, file: relative(ROOT, testFilePath) })),
    );
    const verdicts = judge(
      readRows(read('test/protocol-rows.md')),
      readDivergences(read('docs/scep-divergences.md')),
      tests,
    );
    const wrong = complaints(verdicts);
    this.error = wrong.length === 0 ? undefined : new Error(`protocol rows:\n${wrong.join('\n')}`);
    const text = [this.list ? listing(verdicts) : summary(verdicts), ...wrong].join('\n');
    // Jest's own summary comes after all reporters.
    process.once('exit', () => writeSync(1, `${text}\n`));
  }

  getLastError() {
    return this.error;
  }
};

function isWhole({ testPathPatterns, testNamePattern, findRelatedTests, onlyChanged, onlyFailures, shard }) {
  const selects = (testPathPatterns?.patterns ?? []).length > 0 || Boolean(testNamePattern);
  return !selects && !findRelatedTests && !onlyChanged && !onlyFailures && shard === undefined;
}
