import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { CommandError } from './command-error';
import { ExitCode } from './exit-code';
import { readInput } from './file-input';
import { remark, type Terminal } from './terminal';

/** Where a secret may come from. */
export interface SecretSource {
  /** How the secret is called, for questions and errors: `enrolment code`. */
  readonly noun: string;
  /** The option that holds it, without `--`; the option with `-file` at its end names a file. */
  readonly option: string;
  /** The secret itself, as it was typed on the command line. */
  readonly value?: string | undefined;
  /** A file that holds it, or `-` for standard input. A line break at its end is no part of it. */
  readonly file?: string | undefined;
}

/** The secret, if one of its options is given. Throws {@link CommandError}: `usage`. */
export async function givenSecret(source: SecretSource, terminal: Terminal): Promise<string | undefined> {
  const { noun, option, value, file } = source;
  if (value !== undefined && file !== undefined)
    throw new CommandError(ExitCode.usage, `give either --${option} or --${option}-file`);
  if (file === undefined) return value;
  const secret = (await readInput(file, terminal)).toString('utf8').replace(/\r?\n$/, '');
  if (secret === '') throw new CommandError(ExitCode.usage, `there is no ${noun} in what --${option}-file names`);
  return secret;
}

/** The secret from its options, or else asked for where there is somebody to ask. Throws {@link CommandError}: `usage`. */
export async function demandedSecret(source: SecretSource, terminal: Terminal): Promise<string> {
  const given = await givenSecret(source, terminal);
  if (given !== undefined) return given;
  const { noun, option } = source;
  if (terminal.input.isTTY !== true)
    throw new CommandError(ExitCode.usage, `the ${noun} is missing: give --${option}-file (- is standard input)`);
  return ask(`${noun}: `, terminal);
}

/**
 * Secret fields among settings, as `field=value`.
 *
 * @param asked fields to ask for
 * @param files `field=file` each
 * @throws CommandError `usage`
 */
export async function readSecretFields(
  asked: readonly string[],
  files: readonly string[],
  terminal: Terminal,
): Promise<string[]> {
  const assignments: string[] = [];
  for (const text of files) {
    const [, field, file] = /^([^=]+)=(.+)$/s.exec(text) ?? [];
    if (field === undefined) throw new CommandError(ExitCode.usage, `--secret-file takes field=file, not "${text}"`);
    const secret = await givenSecret({ noun: field, option: 'secret', file }, terminal);
    assignments.push(`${field}=${secret ?? ''}`);
  }
  for (const field of asked) {
    if (terminal.input.isTTY !== true)
      throw new CommandError(ExitCode.usage, `nobody is there to be asked for ${field}: give --secret-file ${field}=-`);
    assignments.push(`${field}=${await ask(`${field}: `, terminal)}`);
  }
  return assignments;
}

/** One line typed without being shown. */
async function ask(question: string, terminal: Terminal): Promise<string> {
  const nowhere = new Writable({
    write: (_chunk, _encoding, done) => {
      done();
    },
  });
  terminal.errors.write(question);
  const lines = createInterface({ input: terminal.input, output: nowhere, terminal: true });
  try {
    return await new Promise<string>((resolve, reject) => {
      const giveUp = (): void => {
        reject(new CommandError(ExitCode.usage, 'nothing was typed'));
      };
      lines.once('line', resolve).once('close', giveUp).once('SIGINT', giveUp);
    });
  } finally {
    lines.close();
    remark(terminal, '');
  }
}
