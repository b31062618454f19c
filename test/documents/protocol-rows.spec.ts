import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..');
const LABEL = /\b[A-N]-\d{2}\b/g;

const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

/** The labels that sources and tests name, each with one file that does. */
function namedLabels(): Map<string, string> {
  const files = ['src', 'test', 'bench'].flatMap((directory) =>
    readdirSync(join(ROOT, directory), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => join(directory, file)),
  );
  return new Map(files.flatMap((file) => (read(file).match(LABEL) ?? []).map((label) => [label, file])));
}

describe('test/protocol-rows.md', () => {
  const rows = [...read('test/protocol-rows.md').matchAll(/^\| ([A-N]-\d{2}) +\|/gm)].map(([, label = '']) => label);

  it('has each row once, in order', () => {
    expect(rows).toEqual([...new Set(rows)].sort());
  });

  it('has every row that sources and tests name, and no other', () => {
    const named = namedLabels();
    expect([...named].filter(([label]) => !rows.includes(label))).toEqual([]);
    expect(rows.filter((label) => !named.has(label))).toEqual([]);
  });
});
