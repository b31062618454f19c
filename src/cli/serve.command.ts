import type { Command } from 'commander';
import type { CommandContext } from './command-context';

/** `scep-gateway serve`: the gateway itself. */
export function addServeCommand(program: Command, { launchers }: CommandContext): void {
  program
    .command('serve')
    .description('run the gateway (docs/configuration.md tells the variables it reads)')
    .action(() => launchers.serve());
}
