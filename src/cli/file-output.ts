import { writeFile } from 'node:fs/promises';
import { CommandError } from './command-error';
import { ExitCode } from './exit-code';

/** Writes a file in place of what it held. Throws {@link CommandError} (`failed`). */
export async function writeOutput(path: string, text: string): Promise<void> {
  await write(path, text, 'w', 0o644);
}

/** Writes a file that only its owner may read and that must not exist yet. Throws {@link CommandError} (`failed`). */
export async function writeNewSecret(path: string, text: string): Promise<void> {
  await write(path, text, 'wx', 0o600);
}

async function write(path: string, text: string, flag: string, mode: number): Promise<void> {
  try {
    await writeFile(path, text, { flag, mode });
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown cause';
    throw new CommandError(ExitCode.failed, `${path} cannot be written (${code})`, { cause });
  }
}
