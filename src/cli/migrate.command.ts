import type { Command } from 'commander';
import type { CommandContext } from './command-context';

/** `scep-gateway migrate`: the database's schema. */
export function addMigrateCommand(program: Command, { launchers }: CommandContext): void {
  program
    .command('migrate')
    .description('bring the schema of the database up to this release; serve does it by itself')
    .option('--revert', 'undo the newest migration instead, before an older release is started', false)
    .action(({ revert }: { revert: boolean }) => launchers.migrate({ revert }));
}
