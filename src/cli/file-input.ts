import { readFile } from 'node:fs/promises';
import { CommandError } from './command-error';
import { ExitCode } from './exit-code';
import type { Terminal } from './terminal';

/** The content of a file, of standard input if it is called `-`. Throws {@link CommandError} (`usage`). */
export async function readInput(path: string, { input }: Terminal): Promise<Buffer> {
  if (path !== '-') return readFileOf(path);
  const chunks: Buffer[] = [];
  for await (const chunk of input) chunks.push(Buffer.from(chunk as Buffer | string));
  return Buffer.concat(chunks);
}

/** The JSON object in a file or in standard input. Throws {@link CommandError} (`usage`). */
export async function readJsonObject(path: string, terminal: Terminal): Promise<Record<string, unknown>> {
  const text = (await readInput(path, terminal)).toString('utf8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new CommandError(ExitCode.usage, `${path} holds no JSON`, { cause });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new CommandError(ExitCode.usage, `${path} holds no JSON object`);
  return value as Record<string, unknown>;
}

/** Certificates as text that the gateway takes: PEM as it is, DER as base64. Throws {@link CommandError} (`usage`). */
export async function readBundle(path: string, terminal: Terminal): Promise<string> {
  const bytes = await readInput(path, terminal);
  return bytes.includes('-----BEGIN ') ? bytes.toString('latin1') : bytes.toString('base64');
}

async function readFileOf(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown cause';
    throw new CommandError(ExitCode.usage, `${path} cannot be read (${code})`, { cause });
  }
}
