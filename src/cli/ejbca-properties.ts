import { CommandError } from './command-error';
import type { GatewayOptions } from './command-context';
import { ExitCode } from './exit-code';
import { showDone } from './resource-output';
import type { Resource } from './table';
import { printable, remark, writeJson, writeLines, type Terminal } from './terminal';

interface LeftOut {
  readonly key: string;
  readonly reason: string;
}

const leftOutOf = ({ leftOut }: Resource): readonly LeftOut[] =>
  Array.isArray(leftOut) ? (leftOut as readonly LeftOut[]) : [];

const textsOf = (value: unknown): readonly string[] => (Array.isArray(value) ? (value as readonly string[]) : []);

/** Ends a command that set one key, if nothing came of it. Throws {@link CommandError} (`refused`). */
export function refuseWhatIsLeftOut(imported: Resource): void {
  const [first] = leftOutOf(imported);
  if (first !== undefined)
    throw new CommandError(ExitCode.refused, printable(`${first.key} is not set: ${first.reason}`));
}

/** Shows what became of lines in EJBCA's form: the alias, and what is to be known on standard error. */
export function showImport(terminal: Terminal, options: GatewayOptions, imported: Resource, done: string): void {
  showDone(terminal, options, imported, done);
  for (const { key, reason } of leftOutOf(imported)) remark(terminal, printable(`not carried over: ${key}: ${reason}`));
  for (const text of textsOf(imported.remarks)) remark(terminal, printable(`note: ${text}`));
}

/** Writes aliases in EJBCA's form, and says on standard error what that form has no keys for. */
export function showExports(
  terminal: Terminal,
  options: GatewayOptions,
  names: readonly string[],
  exported: readonly Resource[],
): void {
  if (options.json) {
    writeJson(terminal, Object.fromEntries(names.map((name, index) => [name, exported[index]])));
    return;
  }
  exported.forEach(({ properties, leftOut }, index) => {
    writeLines(terminal, String(properties).trimEnd().split('\n').map(printable));
    const fields = textsOf(leftOut);
    if (fields.length > 0)
      remark(terminal, printable(`EJBCA has no keys for these fields of ${names[index] ?? ''}: ${fields.join(', ')}`));
  });
}
