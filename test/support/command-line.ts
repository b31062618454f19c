import { PassThrough } from 'node:stream';
import { runCommandLine } from '../../src/cli/run-command-line';

/** What a command left behind. */
export interface CommandRun {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

/** Runs commands within the test's process; arguments as a shell would split them. */
export class CommandLine {
  /** @param environment variables of the commands: where the gateway is, and its token */
  constructor(private readonly environment: Readonly<Record<string, string>>) {}

  /** Runs one command; `typed` is its standard input. */
  async run(args: readonly string[], typed = ''): Promise<CommandRun> {
    const [input, output, errors] = [new PassThrough(), new PassThrough(), new PassThrough()];
    input.end(typed);
    const refuse = () => Promise.reject(new Error('is not started within a test'));
    const code = await runCommandLine(
      args,
      { input, output, errors, environment: this.environment },
      { serve: refuse, migrate: refuse },
    );
    return { code, output: String(output.read() ?? ''), errors: String(errors.read() ?? '') };
  }

  /** Runs one command that must be done, and gives what it wrote. */
  async done(args: readonly string[], typed = ''): Promise<string> {
    const { code, output, errors } = await this.run(args, typed);
    if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${errors}`);
    return output;
  }

  /** Runs one command with `--json` and gives what it wrote. */
  async json(args: readonly string[], typed = ''): Promise<unknown> {
    return JSON.parse(await this.done([...args, '--json'], typed));
  }
}
