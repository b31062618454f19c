import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { demandedSecret, givenSecret, readSecretFields } from './secret-input';
import type { Terminal } from './terminal';

const directory = mkdtempSync(join(tmpdir(), 'secret-input-'));
afterAll(() => {
  rmSync(directory, { recursive: true });
});

function terminal(typed: string, isTTY = false): Terminal & { readonly written: () => string } {
  const input = Object.assign(new PassThrough(), { isTTY });
  const errors = new PassThrough();
  const output = new PassThrough();
  input.end(typed);
  return { input, output, errors, written: () => String(errors.read() ?? '') + String(output.read() ?? '') };
}

const source = { noun: 'enrolment code', option: 'enrolment-code' };

describe('a secret', () => {
  it('comes from an option, a file or standard input, without the line break at its end', async () => {
    const file = join(directory, 'code');
    writeFileSync(file, ' secret 1 \r\n');
    expect(await givenSecret({ ...source, value: 'typed' }, terminal(''))).toBe('typed');
    expect(await givenSecret({ ...source, file }, terminal(''))).toBe(' secret 1 ');
    expect(await givenSecret({ ...source, file: '-' }, terminal('piped\n'))).toBe('piped');
    expect(await givenSecret(source, terminal(''))).toBeUndefined();
  });

  it.each([
    [{ value: 'a', file: '-' }, 'either --enrolment-code or --enrolment-code-file'],
    [{ file: '-' }, 'no enrolment code in what --enrolment-code-file names'],
    [{ file: join(directory, 'missing') }, 'missing cannot be read (ENOENT)'],
  ])('is refused from %j', async (given, told) => {
    await expect(givenSecret({ ...source, ...given }, terminal('\n'))).rejects.toThrow(told);
  });

  it('is asked for at a terminal, and not shown', async () => {
    const keyboard = terminal('hunter2\n', true);
    expect(await demandedSecret(source, keyboard)).toBe('hunter2');
    const written = keyboard.written();
    expect(written).toContain('enrolment code: ');
    expect(written).not.toContain('hunter2');
  });

  it('is demanded where there is nobody to ask', async () => {
    await expect(demandedSecret(source, terminal(''))).rejects.toThrow('give --enrolment-code-file');
  });

  it('is not waited for when the terminal is closed', async () => {
    await expect(demandedSecret(source, terminal('', true))).rejects.toThrow('nothing was typed');
  });
});

describe('secret fields among settings', () => {
  it('are read from files and asked for', async () => {
    const file = join(directory, 'password');
    writeFileSync(file, 'a=b\n');
    const keyboard = terminal('typed\n', true);
    expect(await readSecretFields(['x.secret'], [`challenge.password=${file}`], keyboard)).toEqual([
      'challenge.password=a=b',
      'x.secret=typed',
    ]);
    expect(keyboard.written()).not.toContain('typed');
  });

  it.each([
    [[], ['challenge.password'], '--secret-file takes field=file'],
    [['challenge.password'], [], 'give --secret-file challenge.password=-'],
  ])('are refused as %j, %j', async (asked, files, told) => {
    await expect(readSecretFields(asked, files, terminal(''))).rejects.toThrow(told);
  });
});
