'use strict';

const base = require('../../jest.config.cjs');

module.exports = {
  ...base,
  rootDir: '../..',
  roots: ['<rootDir>/test/faults'],
  testMatch: ['**/*.faults.ts'],
  globalSetup: undefined,
  globalTeardown: undefined,
  reporters: ['default', '<rootDir>/test/runner/verdict-reporter.cjs'],
  maxWorkers: 1,
  testTimeout: 600_000,
};
