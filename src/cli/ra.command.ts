import type { Command } from 'commander';
import type { CommandContext } from './command-context';
import { addRaCertificateVerbs } from './ra-certificate-verbs';
import { addRaEndEntityVerbs } from './ra-end-entity-verbs';

/** `scep-gateway ra`: the verbs of EJBCA's command line for end entities and their certificates. */
export function addRaCommand(program: Command, context: CommandContext): void {
  const ra = program.command('ra').description("EJBCA's verbs for end entities (docs/migrating-from-ejbca.md)");
  addRaEndEntityVerbs(ra, context);
  addRaCertificateVerbs(ra, context);
}

/** EJBCA writes some options of several letters with one hyphen, which elsewhere are as many options of one letter. */
export const ejbcaSpelling = (args: readonly string[]): readonly string[] =>
  args[0] === 'ra' ? args.map((arg) => (arg === '-force' ? '--force' : arg)) : args;
