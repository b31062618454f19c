'use strict';

const base = require('../../jest.config.cjs');

module.exports = {
  ...base,
  rootDir: '../..',
  roots: ['<rootDir>/test/interop'],
  testMatch: ['**/*.interop.ts'],
  globalSetup: undefined,
  globalTeardown: undefined,
  reporters: ['default', '<rootDir>/test/runner/verdict-reporter.cjs'],
  maxWorkers: 1,
  testTimeout: 120_000,
};
