import { readFile, stat } from 'node:fs/promises';
import type { RandomSource } from '../common/random-source';
import { ServiceError } from '../common/service-error';
import { KeyEncryptionKey } from './key-encryption-key';

const LARGEST_FILE = 64 * 1024;

/**
 * Reads the key-encryption key from its file (form: {@link KeyEncryptionKey.parse}). Throws {@link ServiceError}
 * (`invalid-input`) saying what to do where there is no such file.
 */
export async function readKeyFile(path: string, random: RandomSource): Promise<KeyEncryptionKey> {
  let text: string;
  try {
    if ((await stat(path)).size > LARGEST_FILE)
      throw new ServiceError('invalid-input', `the key-encryption key file ${path} is too large to be one`);
    text = await readFile(path, 'utf8');
  } catch (cause) {
    if (cause instanceof ServiceError) throw cause;
    throw new ServiceError('invalid-input', `the key-encryption key file ${path} cannot be read`, { cause });
  }
  return KeyEncryptionKey.parse(text, random);
}
