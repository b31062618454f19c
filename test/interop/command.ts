import { spawn } from 'node:child_process';

/** What a command did. */
export interface CommandResult {
  /** Exit code; undefined if a signal ended it. */
  readonly code: number | undefined;
  readonly stdout: string;
  /** Standard error and, for those who mix the two, standard output. */
  readonly output: string;
}

const PATIENCE_MS = 60_000;

/** Runs a program to its end; throws if it cannot be started or does not end in time. */
export function runCommand(command: string, args: readonly string[], cwd?: string): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: PATIENCE_MS,
      killSignal: 'SIGKILL',
      ...(cwd === undefined ? {} : { cwd }),
    });
    let stdout = '';
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      output += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (signal === 'SIGKILL') reject(new Error(`${command} did not end within ${PATIENCE_MS} ms:\n${output}`));
      else resolve({ code: code ?? undefined, stdout, output });
    });
  });
}

/** As {@link runCommand}; throws with everything it said unless it ends with 0. */
export async function runSuccessfully(command: string, args: readonly string[], cwd?: string): Promise<CommandResult> {
  const result = await runCommand(command, args, cwd);
  if (result.code === 0) return result;
  throw new Error(`${command} ${args.join(' ')} ended with ${result.code ?? 'a signal'}:\n${result.output}`);
}
