import { CommanderError } from 'commander';
import type { Launchers } from './command-context';
import { CommandError } from './command-error';
import { ExitCode } from './exit-code';
import { createProgram } from './program';
import { ejbcaSpelling } from './ra.command';
import type { Terminal } from './terminal';

/**
 * Runs one command line.
 *
 * @param args without the interpreter and the program
 * @returns the exit code; whatever went wrong has been told on `terminal.errors`
 */
export async function runCommandLine(
  args: readonly string[],
  terminal: Terminal,
  launchers: Launchers,
): Promise<ExitCode> {
  try {
    await createProgram({ terminal, launchers }).parseAsync(ejbcaSpelling(args), { from: 'user' });
    return ExitCode.done;
  } catch (error) {
    // Commander has written its own message, or the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.done : ExitCode.usage;
    return tellError(error, terminal);
  }
}

/** Writes what went wrong for people: a message that is meant for them, or for all else the stack. */
export function tellError(error: unknown, terminal: Pick<Terminal, 'errors'>): ExitCode {
  const { exitCode, message } = explain(error);
  terminal.errors.write(`scep-gateway: ${message}\n`);
  return exitCode;
}

/** Errors of other rooms whose message is written for people, by name so that their rooms need not be loaded. */
const EXPLAINED: Readonly<Record<string, ExitCode>> = {
  ConfigError: ExitCode.usage,
  EmbeddedDatabaseError: ExitCode.failed,
  ListenError: ExitCode.failed,
  SchemaError: ExitCode.failed,
  ServiceError: ExitCode.failed,
  ScepClientError: ExitCode.noAnswer,
};

function explain(error: unknown): { readonly exitCode: ExitCode; readonly message: string } {
  if (error instanceof CommandError) return error;
  if (!(error instanceof Error)) return { exitCode: ExitCode.failed, message: 'an unknown failure' };
  const exitCode = EXPLAINED[error.name];
  if (exitCode !== undefined) return { exitCode, message: error.message };
  return { exitCode: ExitCode.failed, message: error.stack ?? error.message };
}
