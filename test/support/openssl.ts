import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Whether there is an openssl command that knows CMS. */
export const hasOpenssl = spawnSync('openssl', ['cms', '-help']).status === 0;

/** `it` where there is an openssl command, else `it.skip`, so that the report shows what was not tried. */
export const itWithOpenssl = hasOpenssl ? it : it.skip;

/**
 * Runs openssl in a directory of its own.
 *
 * @param files by name, to be written first
 * @param parameters of the command; may name the files
 * @returns what it wrote into the file `out`; throws with its error output when it fails
 */
export function openssl(files: Readonly<Record<string, Buffer | string>>, parameters: readonly string[]): Buffer {
  const directory = mkdtempSync(join(tmpdir(), 'scep-gateway-openssl-'));
  try {
    for (const [name, content] of Object.entries(files)) writeFileSync(join(directory, name), content);
    const { status, stderr } = spawnSync('openssl', parameters, { cwd: directory, encoding: 'utf8' });
    if (status !== 0) throw new Error(`openssl ${parameters.join(' ')}: ${stderr}`);
    return readFileSync(join(directory, 'out'));
  } finally {
    rmSync(directory, { recursive: true });
  }
}
