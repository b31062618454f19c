import type { Readable, Writable } from 'node:stream';
import type { Environment } from '../config/variable-reader';

/** Where a command reads and writes: the process's streams, or others in tests. */
export interface Terminal {
  readonly input: Readable & { readonly isTTY?: boolean };
  /** What was asked for. */
  readonly output: Writable;
  /** Errors, questions and remarks. */
  readonly errors: Writable;
  /** Variables; the process's own unless given. */
  readonly environment?: Environment;
}

// Controls (C0, C1), line separators and what changes the direction of writing: a terminal would obey them.
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** Text on one line that moves no cursor: devices choose subjects and transactionIDs, and an administrator reads them. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, escaped);
}

/** Writes one value as JSON, indented; what a terminal would obey is escaped as JSON has it. */
export function writeJson(terminal: Terminal, value: unknown): void {
  const text = JSON.stringify(value, null, 2).replace(UNPRINTABLE, (character) =>
    character === '\n' ? character : escaped(character),
  );
  terminal.output.write(`${text}\n`);
}

/** Writes lines of text. */
export function writeLines(terminal: Terminal, lines: readonly string[]): void {
  terminal.output.write(lines.map((line) => `${line}\n`).join(''));
}

/** Tells something besides what was asked for. */
export function remark(terminal: Terminal, line: string): void {
  terminal.errors.write(`${line}\n`);
}
