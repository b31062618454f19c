import 'reflect-metadata';
import { WORKER_COMMAND } from './startup/worker-message';

/**
 * Starts what the command line asks for. Everything is loaded on demand: the supervisor stays small, and commands are
 * quick.
 */
async function main(args: readonly string[]): Promise<void> {
  if (args[0] === WORKER_COMMAND) {
    const { runWorker } = await import('./startup/worker.js');
    const { createApplication } = await import('./app.module.js');
    await runWorker(args[1] === 'first', createApplication);
    return;
  }
  const { runCommandLine } = await import('./cli/run-command-line.js');
  const terminal = { input: process.stdin, output: process.stdout, errors: process.stderr };
  const exitCode = await runCommandLine(args, terminal, {
    serve: async () => (await import('./startup/primary.js')).runPrimary(),
    migrate: async ({ revert }) => (await import('./startup/migrate-command.js')).runMigrate({ revert }),
  });
  // What is done ends by itself, and `serve` goes on; what failed may have left something behind that would go on too.
  if (exitCode !== 0) process.exit(exitCode);
}

main(process.argv.slice(2)).catch(async (error: unknown) => {
  const { tellError } = await import('./cli/run-command-line.js');
  process.exit(tellError(error, { errors: process.stderr }));
});
