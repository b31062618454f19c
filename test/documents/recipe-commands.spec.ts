import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import type { Command } from 'commander';
import { ALIAS_DEFAULTS } from '../../src/aliases/alias';
import { createProgram } from '../../src/cli/program';
import { readAssignments } from '../../src/cli/setting-assignments';
import { CERTIFICATE_PROFILE_DEFAULTS } from '../../src/profiles/certificate-profile';
import { document } from './markdown-table';

/** What a recipe has people type, as far as a test can tell without a gateway: each command, option and field exists. */
const nothing = () => Promise.resolve();
const program = createProgram({
  terminal: { input: new PassThrough(), output: new PassThrough(), errors: new PassThrough() },
  launchers: { serve: nothing, migrate: nothing },
});

const TEMPLATES: Readonly<Record<string, object>> = {
  'alias create': { authorities: [], ...ALIAS_DEFAULTS },
  'alias change': { authorities: [], ...ALIAS_DEFAULTS },
  'profile certificate create': CERTIFICATE_PROFILE_DEFAULTS,
};

/** The words of each command line of `scep-gateway` in a document, without what stands behind a pipe. */
function commandLines(path: string): string[][] {
  const blocks = [...document(path).matchAll(/```sh\n(.*?)```/gs)].map(([, text]) => text!.replaceAll('\\\n', ' '));
  const lines = blocks.flatMap((text) => text.split('\n')).filter((line) => line.startsWith('scep-gateway '));
  return lines.map((line) =>
    [...line.matchAll(/"[^"]*"|'[^']*'|[^\s]+/g)].map(([word]) => word.replace(/^["']|["']$/g, '')),
  );
}

interface Typed {
  readonly path: string;
  readonly command: Command;
  readonly rest: readonly string[];
}

function typed([, ...words]: readonly string[]): Typed {
  let command: Command = program;
  const path: string[] = [];
  let rest = words;
  for (;;) {
    const next = command.commands.find((candidate) => candidate.name() === rest[0]);
    if (next === undefined) return { path: path.join(' '), command, rest };
    command = next;
    path.push(next.name());
    rest = rest.slice(1);
  }
}

const files = readdirSync(join(__dirname, '../../docs/devices')).map((file) => `docs/devices/${file}`);
const lines = files.flatMap((file) => commandLines(file).map((words) => [file, words.join(' '), words] as const));

it('finds the commands of the recipes', () => {
  expect(lines.length).toBeGreaterThan(60);
});

it.each(lines)('%s: %s', (_, __, words) => {
  const { path, command, rest } = typed(words);
  const end = rest.findIndex((word) => word === '|' || word === '>');
  const own = end < 0 ? rest : rest.slice(0, end);
  expect(command.commands).toEqual([]);
  const known = command.options.flatMap(({ long, short }) => [long, short]);
  expect(own.filter((word) => word.startsWith('-') && !known.includes(word))).toEqual([]);
  const set = own.flatMap((word, index) => (own[index - 1] === '--set' ? [word] : []));
  if (set.length > 0) expect(() => readAssignments(set, [], TEMPLATES[path]!)).not.toThrow();
  const secrets = own.flatMap((word, index) => (own[index - 1] === '--secret-file' ? [word] : []));
  if (secrets.length > 0) expect(() => readAssignments(secrets, [], TEMPLATES[path]!)).not.toThrow();
});
