import { chmodSync, closeSync, existsSync, fsyncSync, linkSync, openSync, rmSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { RandomSource } from '../common/random-source';
import { ADMIN_TOKEN_FILE_NAME } from '../config/cli-environment';

const SECRET_BYTES = 32;

/**
 * Makes a file with 32 random bytes in hexadecimal, which only its owner may read, unless it is there already. It is
 * never there in part: what it protects would be lost with it.
 *
 * @returns whether it was made
 */
export function ensureSecretFile(path: string, random: RandomSource): boolean {
  if (existsSync(path)) return false;
  const unfinished = `${path}.${process.pid}`;
  rmSync(unfinished, { force: true });
  const file = openSync(unfinished, 'wx', 0o600);
  try {
    writeSync(file, `${random.bytes(SECRET_BYTES).toString('hex')}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  chmodSync(unfinished, 0o600);
  try {
    // Unlike a rename this replaces nothing.
    linkSync(unfinished, path);
  } finally {
    rmSync(unfinished, { force: true });
  }
  syncDirectory(dirname(path));
  return true;
}

/** Where a gateway with a database of its own keeps the secrets that it made itself. */
export function secretPaths(dataDir: string): { keyEncryptionKey: string; adminToken: string } {
  return { keyEncryptionKey: join(dataDir, 'key-encryption-key'), adminToken: join(dataDir, ADMIN_TOKEN_FILE_NAME) };
}

function syncDirectory(directory: string): void {
  const handle = openSync(directory, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
