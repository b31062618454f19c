import { spawn } from 'node:child_process';

/** What a command did. */
export interface CommandResult {
  /** Exit code; undefined if a signal ended it. */
  readonly code: number | undefined;
  readonly stdout: string;
  /** Standard error and, for those who mix the two, standard output. */
  readonly output: string;
}

/** How a command is to run. */
export interface CommandSettings {
  /** The directory it runs in; that of the tests unless given. */
  readonly cwd?: string;
  /** Added to the environment of the tests. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** Long enough for a machine that is busy with other things; none of these commands takes seconds on an idle one. */
const PATIENCE_MS = 120_000;

/** Runs a program to its end; throws if it cannot be started or does not end in time. */
export function runCommand(
  command: string,
  args: readonly string[],
  { cwd, environment = {} }: CommandSettings = {},
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: PATIENCE_MS,
      killSignal: 'SIGKILL',
      env: { ...process.env, ...environment },
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

/** Throws with everything a command said unless it ended with 0. */
export function assertSuccess(what: string, { code, output }: CommandResult): void {
  if (code !== 0) throw new Error(`${what} ended with ${code ?? 'a signal'}:\n${output}`);
}

/** As {@link runCommand}; throws with everything it said unless it ends with 0. */
export async function runSuccessfully(
  command: string,
  args: readonly string[],
  settings?: CommandSettings,
): Promise<CommandResult> {
  const result = await runCommand(command, args, settings);
  assertSuccess(`${command} ${args.join(' ')}`, result);
  return result;
}
