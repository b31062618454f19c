import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { labelsIn, readDivergences, readRows } from '../conformance/protocol-rows.cjs';
import { document } from './markdown-table';

const ROOT = join(__dirname, '..', '..');

/** The labels that sources and tests name, each with one file that does. */
function namedLabels(): Map<string, string> {
  const files = ['src', 'test', 'bench'].flatMap((directory) =>
    readdirSync(join(ROOT, directory), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => join(directory, file)),
  );
  return new Map(
    files.flatMap((file) => labelsIn(readFileSync(join(ROOT, file), 'utf8')).map((label) => [label, file])),
  );
}

describe('test/protocol-rows.md', () => {
  const rows = readRows(document('test/protocol-rows.md')).map(({ label }) => label);

  it('has each row once, in order', () => {
    expect(rows).toEqual([...new Set(rows)].sort());
  });

  it('has every row that sources and tests name', () => {
    expect([...namedLabels()].filter(([label]) => !rows.includes(label))).toEqual([]);
  });

  it('has every row that docs/scep-divergences.md answers for', () => {
    const divergences = readDivergences(document('docs/scep-divergences.md'));
    expect(divergences.filter((label) => !rows.includes(label))).toEqual([]);
  });
});
