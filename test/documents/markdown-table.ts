import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The text of a document, by its path from the root of the repository. */
export function document(path: string): string {
  return readFileSync(join(__dirname, '../..', path), 'utf8');
}

/** The rows of the tables under a heading (or of all tables), without headings of columns; cells as they are written. */
export function tableRows(text: string, heading?: string): string[][] {
  const begin = heading === undefined ? 0 : text.indexOf(`\n${heading}\n`);
  if (begin < 0) throw new Error(`there is no heading ${heading!}`);
  const end = heading === undefined ? text.length : nextHeading(text, begin + heading.length + 2);
  const lines = text.slice(begin, end).split('\n');
  return lines
    .filter((line, index) => line.startsWith('|') && !isRule(line) && !isRule(lines[index + 1] ?? ''))
    .map((line) =>
      line
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

/** What a cell says in code font, all of it. */
export function codeIn(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, code]) => code!);
}

const isRule = (line: string): boolean => /^\|[\s|:-]+\|$/.test(line);

function nextHeading(text: string, from: number): number {
  const next = text.slice(from).search(/^#/m);
  return next < 0 ? text.length : from + next;
}
