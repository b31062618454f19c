import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { codeIn, document, tableRows } from './markdown-table';

const CHECKS = join(__dirname, '../../src/doctor/checks');
const sources = [
  ...readdirSync(CHECKS).map((name) => join(CHECKS, name)),
  join(__dirname, '../../src/cli/place-trial.ts'),
];

it('docs/doctor.md tells every rule, and none that does not exist', () => {
  const rules = sources.flatMap((path) =>
    [...readFileSync(path, 'utf8').matchAll(/'([a-z]+(?:-[a-z]+)*\.[a-z]+(?:-[a-z]+)*)'/g)].map(([, rule]) => rule!),
  );
  const told = tableRows(document('docs/doctor.md'), '## What is looked at').flatMap(([cell = '']) => codeIn(cell));
  expect(rules.length).toBeGreaterThan(40);
  expect(told.sort()).toEqual([...new Set(rules)].sort());
});
