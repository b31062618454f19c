'use strict';

const { join } = require('node:path');
const base = require('../../jest.config.cjs');
const { specsThatNameRows } = require('./protocol-rows.cjs');

// Not the whole suite, but every test of it that could prove a row.
module.exports = {
  ...base,
  rootDir: '../..',
  testMatch: specsThatNameRows(join(__dirname, '..', '..')),
  reporters: ['default', ['<rootDir>/test/conformance/row-reporter.cjs', { list: true }]],
};
