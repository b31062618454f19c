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
  // None of these takes long on an idle machine; RSA-4096 keys on a busy one do.
  testTimeout: 300_000,
};
