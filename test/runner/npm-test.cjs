'use strict';

/*
 * `npm test` runs jest with whatever stands behind the two dashes; `npm test -- conformance` runs the tests that name rows
 * of test/protocol-rows.md and lists what became of each row.
 */
const { run } = require('jest');

const [first, ...others] = process.argv.slice(2);
if (first === 'conformance') void run(['--config', 'test/conformance/jest.config.cjs', ...others]);
else void run(process.argv.slice(2));
