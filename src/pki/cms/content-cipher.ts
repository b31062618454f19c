import { createCipheriv, createDecipheriv } from 'node:crypto';
import { DerError } from '../der/der-error';

/** The content-encryption algorithms that SCEP knows, all in CBC mode (RFC 3565, RFC 3370 section 5.1). */
export const CIPHER_NAMES = ['des', '3des', 'aes128', 'aes192', 'aes256'] as const;

/** One of {@link CIPHER_NAMES}. */
export type CipherName = (typeof CIPHER_NAMES)[number];

interface CipherFacts {
  readonly oid: string;
  readonly keyLength: number;
  /** Block and initialisation vector, in octets. */
  readonly blockLength: number;
  readonly algorithm: string;
}

const FACTS: Readonly<Record<CipherName, CipherFacts>> = {
  // OpenSSL 3 has single DES only in its legacy provider. Triple DES with the same key three times is single DES.
  des: { oid: '1.3.14.3.2.7', keyLength: 8, blockLength: 8, algorithm: 'des-ede3-cbc' },
  '3des': { oid: '1.2.840.113549.3.7', keyLength: 24, blockLength: 8, algorithm: 'des-ede3-cbc' },
  aes128: { oid: '2.16.840.1.101.3.4.1.2', keyLength: 16, blockLength: 16, algorithm: 'aes-128-cbc' },
  aes192: { oid: '2.16.840.1.101.3.4.1.22', keyLength: 24, blockLength: 16, algorithm: 'aes-192-cbc' },
  aes256: { oid: '2.16.840.1.101.3.4.1.42', keyLength: 32, blockLength: 16, algorithm: 'aes-256-cbc' },
};

const BY_OID: ReadonlyMap<string, CipherName> = new Map(CIPHER_NAMES.map((name) => [FACTS[name].oid, name]));

/** Object identifier of a cipher. */
export const cipherOid = (cipher: CipherName): string => FACTS[cipher].oid;

/** The cipher of this object identifier, if it is one of {@link CIPHER_NAMES}. */
export const cipherFromOid = (oid: string): CipherName | undefined => BY_OID.get(oid);

/** Length of a cipher's key in octets. */
export const cipherKeyLength = (cipher: CipherName): number => FACTS[cipher].keyLength;

/** Length of a cipher's block, and so of its initialisation vector, in octets. */
export const cipherBlockLength = (cipher: CipherName): number => FACTS[cipher].blockLength;

/**
 * Makes a content-encryption key of random octets: for the DES family each octet gets odd parity (RFC 3370 section
 * 4.3.1), which some receivers check.
 *
 * @param random as many octets as {@link cipherKeyLength} says; not changed
 */
export function contentEncryptionKey(cipher: CipherName, random: Buffer): Buffer {
  if (FACTS[cipher].algorithm !== 'des-ede3-cbc') return random;
  const key = Buffer.from(random);
  for (let i = 0; i < key.length; i++) {
    let parity = (key[i] as number) & 0xfe;
    parity ^= parity >> 4;
    parity ^= parity >> 2;
    parity ^= parity >> 1;
    key[i] = ((key[i] as number) & 0xfe) | (~parity & 1);
  }
  return key;
}

const nodeKey = (cipher: CipherName, key: Buffer): Buffer => (cipher === 'des' ? Buffer.concat([key, key, key]) : key);

/**
 * Encrypts with the padding of RFC 5652 section 6.3.
 *
 * @param key as long as {@link cipherKeyLength} says
 * @param iv as long as {@link cipherBlockLength} says
 */
export function encryptContent(cipher: CipherName, key: Buffer, iv: Buffer, content: Buffer): Buffer {
  const operation = createCipheriv(FACTS[cipher].algorithm, nodeKey(cipher, key), iv);
  return Buffer.concat([operation.update(content), operation.final()]);
}

/** Encrypts whole blocks, without padding. */
export function encryptBlocks(cipher: CipherName, key: Buffer, iv: Buffer, blocks: Buffer): Buffer {
  const operation = createCipheriv(FACTS[cipher].algorithm, nodeKey(cipher, key), iv).setAutoPadding(false);
  return Buffer.concat([operation.update(blocks), operation.final()]);
}

/** Decrypts whole blocks, whatever is in them. */
export function decryptBlocks(cipher: CipherName, key: Buffer, iv: Buffer, blocks: Buffer): Buffer {
  const operation = createDecipheriv(FACTS[cipher].algorithm, nodeKey(cipher, key), iv).setAutoPadding(false);
  return Buffer.concat([operation.update(blocks), operation.final()]);
}

/**
 * Decrypts and takes the padding of RFC 5652 section 6.3 off. All that can be wrong (lengths, padding) is one
 * {@link DerError} with one text, found after all blocks were decrypted and without looking at one padding octet sooner
 * than at another.
 */
export function decryptContent(cipher: CipherName, key: Buffer, iv: Buffer, encrypted: Buffer): Buffer {
  const { blockLength } = FACTS[cipher];
  const whole = encrypted.length > 0 && encrypted.length % blockLength === 0 && iv.length === blockLength;
  if (!whole) throw new DerError('content cannot be decrypted');
  const padded = decryptBlocks(cipher, key, iv, encrypted);
  const count = padded[padded.length - 1] as number;
  let wrong = ((count - 1) | (blockLength - count)) >>> 31;
  for (let i = 1; i <= blockLength; i++) {
    const counted = ~((count - i) >> 31);
    wrong |= counted & ((padded[padded.length - i] as number) ^ count);
  }
  if (wrong !== 0) throw new DerError('content cannot be decrypted');
  return padded.subarray(0, padded.length - count);
}
