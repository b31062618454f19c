import { constantTimeEqual } from '../../common/digest';
import type { RandomSource } from '../../common/random-source';
import { DerError } from '../der/der-error';
import { cipherBlockLength, type CipherName, decryptBlocks, encryptBlocks } from './content-cipher';

/*
 * PWRI-KEK (RFC 3211 section 2.3): a key is wrapped in a key that comes of a password. It is encrypted twice, so that each
 * octet of the result depends on each octet of the key, and three octets tell a wrong password.
 */

/** The length of the key and three octets of it, inverted. */
const HEADER_LENGTH = 4;
const CHECK_LENGTH = HEADER_LENGTH - 1;

/** What a wrong password, and a wrapped key that was changed, come to. */
const wrongPassword = (): DerError => new DerError('wrapped key: wrong password, or no key');

/**
 * Wraps a key.
 *
 * @param kek as long as `cipher`'s keys
 * @param iv as long as `cipher`'s blocks
 * @param key 3 to 255 octets
 */
export function wrapWithKek(cipher: CipherName, kek: Buffer, iv: Buffer, key: Buffer, random: RandomSource): Buffer {
  const block = cipherBlockLength(cipher);
  const blocks = Math.max(2, Math.ceil((HEADER_LENGTH + key.length) / block));
  const padding = random.bytes(blocks * block - HEADER_LENGTH - key.length);
  const padded = Buffer.concat([Buffer.of(key.length), inverted(key.subarray(0, CHECK_LENGTH)), key, padding]);
  const once = encryptBlocks(cipher, kek, iv, padded);
  return encryptBlocks(cipher, kek, once.subarray(-block), once);
}

/**
 * Unwraps a key.
 *
 * @param kek as long as `cipher`'s keys
 * @param length what the key's length has to be
 * @throws DerError when the key was not wrapped in `kek`
 */
export function unwrapWithKek(cipher: CipherName, kek: Buffer, iv: Buffer, wrapped: Buffer, length: number): Buffer {
  const block = cipherBlockLength(cipher);
  const fits = wrapped.length >= 2 * block && wrapped.length % block === 0 && wrapped.length >= HEADER_LENGTH + length;
  if (!fits || iv.length !== block) throw wrongPassword();
  // The second encryption began with the last block of the first, which is found by what followed on it.
  const last = decryptBlocks(cipher, kek, wrapped.subarray(-2 * block, -block), wrapped.subarray(-block));
  const once = decryptBlocks(cipher, kek, last, wrapped);
  const padded = decryptBlocks(cipher, kek, iv, once);
  const key = padded.subarray(HEADER_LENGTH, HEADER_LENGTH + length);
  const header = Buffer.concat([Buffer.of(length), inverted(key.subarray(0, CHECK_LENGTH))]);
  if (!constantTimeEqual(header, padded.subarray(0, HEADER_LENGTH))) throw wrongPassword();
  return key;
}

const inverted = (octets: Buffer): Buffer => Buffer.from(octets.map((octet) => octet ^ 0xff));
