import { complaints, judge, listing, readDivergences, readRows, type RowTest } from './protocol-rows.cjs';

// Made up here, so that this file proves no row itself.
const label = (number: number): string => `A-${String(number).padStart(2, '0')}`;
const rows = readRows(
  ['| Row | Source | What |', '| --- | --- | --- |']
    .concat([1, 2, 3, 4, 5].map((number) => `| ${label(number)} | RFC | thing ${number} |`))
    .join('\n'),
);
const divergences = readDivergences(
  `# Title\n\n| ${label(1)} | elsewhere |\n\n## Rows that no test proves\n\n| Row | Why |\n| --- | --- |\n` +
    `| ${label(3)}, ${label(4)} | optional, unlike ${label(5)} |\n\n## Next\n\n| ${label(2)} | elsewhere |\n`,
);
const test = (number: number, status: string): RowTest => ({
  title: `block ${label(number)}: does it`,
  status,
  file: 'a.spec.ts',
});
const verdicts = (...tests: RowTest[]): string[] => judge(rows, divergences, tests).map(({ verdict }) => verdict);

it('reads the tables', () => {
  expect(rows[0]).toEqual({ label: label(1), source: 'RFC', what: 'thing 1' });
  expect(rows).toHaveLength(5);
  expect(divergences).toEqual([label(3), label(4)]);
});

it('a row is proven by a test that ran and passed, and by nothing else', () => {
  expect(verdicts(test(1, 'passed'), test(2, 'pending'), test(5, 'todo'))).toEqual([
    'passed',
    'unproven',
    'diverges',
    'diverges',
    'unproven',
  ]);
});

it('one failure outweighs all that passed', () => {
  expect(verdicts(test(1, 'passed'), test(1, 'failed'))[0]).toBe('failed');
  expect(verdicts(test(3, 'failed'))[2]).toBe('failed');
});

it('a divergence has to go once a test proves its row', () => {
  expect(verdicts(test(3, 'passed'))[2]).toBe('contradictory');
});

it('complains of every row that is not settled, and lists all', () => {
  const judged = judge(rows, divergences, [test(1, 'passed'), test(4, 'passed'), test(5, 'failed')]);
  expect(complaints(judged).map((line) => line.slice(0, 4))).toEqual([label(2), label(4), label(5)]);
  expect(listing(judged).split('\n')).toEqual([
    `${label(1)} passed   thing 1 [1 test: a.spec.ts]`,
    `${label(2)} unproven thing 2`,
    `${label(3)} diverges thing 3 [docs/scep-divergences.md]`,
    `${label(4)} contradictory thing 4 [1 test: a.spec.ts]`,
    `${label(5)} failed   thing 5 [1 test: a.spec.ts]`,
    '',
    'protocol rows: 1 passed, 1 unproven, 1 diverges, 1 contradictory, 1 failed',
  ]);
});
