import { PassThrough } from 'node:stream';
import type { Command } from 'commander';
import { ExitCode } from '../../src/cli/exit-code';
import { createProgram } from '../../src/cli/program';
import { document, tableRows } from './markdown-table';

const nothing = () => Promise.resolve();
const program = createProgram({
  terminal: { input: new PassThrough(), output: new PassThrough(), errors: new PassThrough() },
  launchers: { serve: nothing, migrate: nothing },
});

const isLeaf = (command: Command): boolean => command.commands.length === 0;
const leaves = (command: Command, path: string): { readonly path: string; readonly command: Command }[] =>
  command.commands.flatMap((child) => {
    const childPath = `${path} ${child.name()}`.trim();
    return isLeaf(child) ? [{ path: childPath, command: child }] : leaves(child, childPath);
  });

const text = document('docs/command-line.md');
const all = leaves(program, '');

describe('docs/command-line.md', () => {
  it('tells every command', () => {
    const groups = program.commands.filter((command) => !isLeaf(command)).map((command) => command.name());
    const untold = all
      .map(({ path }) => path.split(' '))
      .filter((words) => {
        const [first = '', ...rest] = words;
        const own = tableRows(text).filter(([cell = '']) => cell.includes(`\`${first}`));
        return !own.some((cells) => rest.every((word) => new RegExp(`\\b${word}\\b`).test(cells.join(' '))));
      });
    expect(groups).toContain('alias');
    expect(untold).toEqual([]);
  });

  it('tells every option, and none that does not exist', () => {
    const options = new Set(all.flatMap(({ command }) => command.options.map(({ long }) => long!)));
    options.add('--help');
    const told = new Set([...text.matchAll(/--[a-z][a-z0-9-]+/g)].map(([option]) => option));
    expect([...told].filter((option) => !options.has(option))).toEqual([]);
    expect([...options].filter((option) => !told.has(option)).sort()).toEqual([]);
  });

  it('tells every exit code', () => {
    const codes = tableRows(text, '## Output, secrets, exit codes').map(([code]) => Number(code));
    expect(codes).toEqual(Object.values(ExitCode));
  });
});
