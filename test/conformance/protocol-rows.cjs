'use strict';

const { readdirSync, readFileSync } = require('node:fs');
const { join } = require('node:path');

/** A row's label, such as B-07. */
const LABEL = /\b[A-NP]-\d{2}\b/g;

/** Heading in docs/scep-divergences.md of the table whose rows no test has to prove. */
const DIVERGENCES_HEADING = '## Rows that no test proves';

const labelsIn = (text) => [...new Set(text.match(LABEL) ?? [])];

const cellsOf = (line) =>
  line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());

/** The rows of test/protocol-rows.md, in its order. */
function readRows(text) {
  const lines = text.split('\n').filter((line) => /^\| [A-NP]-\d{2} +\|/.test(line));
  return lines.map(cellsOf).map(([label, source, what]) => ({ label, source, what }));
}

/** Labels of the rows that docs/scep-divergences.md answers for, from the table under its heading. */
function readDivergences(text) {
  const [, section = ''] = text.split(`\n${DIVERGENCES_HEADING}\n`);
  const [table] = section.split(/^#/m);
  return table
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .flatMap((line) => labelsIn(cellsOf(line)[0]));
}

/**
 * What became of each row. Proven is one that a test names in its title which ran and passed, with none failing that
 * names it, too; a divergence answers for a row only as long as no test claims to prove it.
 */
function judge(rows, divergences, tests) {
  const byLabel = new Map(rows.map(({ label }) => [label, []]));
  for (const test of tests) for (const label of labelsIn(test.title)) byLabel.get(label)?.push(test);
  return rows.map((row) => {
    const named = byLabel.get(row.label);
    const passed = named.filter(({ status }) => status === 'passed');
    const failed = named.filter(({ status }) => status === 'failed');
    const diverges = divergences.includes(row.label);
    const verdict =
      failed.length > 0
        ? 'failed'
        : passed.length > 0
          ? diverges
            ? 'contradictory'
            : 'passed'
          : diverges
            ? 'diverges'
            : 'unproven';
    return { ...row, verdict, tests: failed.length > 0 ? failed : passed };
  });
}

const isSettled = ({ verdict }) => verdict === 'passed' || verdict === 'diverges';

/** What is wrong with rows that are not settled, a line for each; empty if all are. */
function complaints(verdicts) {
  const reasons = {
    failed: 'a test that names it failed',
    unproven: 'no test that names it passed, and docs/scep-divergences.md does not answer for it',
    contradictory: 'docs/scep-divergences.md says that no test proves it, yet one does',
  };
  return verdicts.filter((verdict) => !isSettled(verdict)).map(({ label, verdict }) => `${label}: ${reasons[verdict]}`);
}

/** One line for each row: label, verdict, what it asks for, and where the tests lie. */
function listing(verdicts) {
  const lines = verdicts.map(({ label, verdict, what, tests }) => {
    const files = [...new Set(tests.map(({ file }) => file))].sort();
    const where =
      verdict === 'diverges' ? 'docs/scep-divergences.md' : `${countOf(tests.length, 'test')}: ${files.join(', ')}`;
    return `${label} ${verdict.padEnd(8)} ${what}${verdict === 'unproven' ? '' : ` [${where}]`}`;
  });
  return [...lines, '', summary(verdicts)].join('\n');
}

/** How many rows have which verdict. */
function summary(verdicts) {
  const counts = new Map();
  for (const { verdict } of verdicts) counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
  return `protocol rows: ${[...counts].map(([verdict, count]) => `${count} ${verdict}`).join(', ')}`;
}

const countOf = (count, noun) => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** The spec files that name a row outside of their comments, so that the others need not run for the listing. */
function specsThatNameRows(root) {
  return ['src', 'test'].flatMap((directory) =>
    readdirSync(join(root, directory), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.spec.ts'))
      .map((file) => join(root, directory, file))
      .filter((file) => labelsIn(withoutComments(readFileSync(file, 'utf8'))).length > 0),
  );
}

const withoutComments = (source) => source.replace(/\/\*[^]*?\*\/|^\s*\/\/.*$/gm, '');

module.exports = { complaints, judge, labelsIn, listing, readDivergences, readRows, specsThatNameRows, summary };
