import { createDecipheriv } from 'node:crypto';
import type { RandomSource } from '../../common/random-source';
import { DerError } from '../der/der-error';
import type { Tlv } from '../der/der-reader';
import { readSmallInteger } from '../der/der-values';
import { contextConstructed, octetString, unsignedInteger } from '../der/der-writer';
import { contextConstructedTag, Tag } from '../der/tag';
import { algorithmIdentifier, type AlgorithmIdentifier, readAlgorithmIdentifier } from '../x509/algorithm-identifier';
import { Oid } from '../x509/oid';
import { derivePbkdf2, pbkdf2Algorithm, type Pbkdf2Parameters, readPbkdf2 } from '../x509/pbkdf2';
import { cipherBlockLength, cipherFromOid, cipherKeyLength, type CipherName, cipherOid } from './content-cipher';
import { unwrapWithKek, wrapWithKek } from './pwri-kek';

/**
 * Iterations of PBKDF2 in what we write. cryptlib, the one client that is known to read such an answer, took 20,000 at
 * most for years. It slows down who guesses; what keeps him out is a password that cannot be guessed (RFC 8894 section
 * 7.3).
 */
export const WRITTEN_ITERATIONS = 20_000;

/** More in what we read are refused: whoever wrote it decides how long we work. Half a second at most. */
export const MAX_READ_ITERATIONS = 1_000_000;

const SALT_LENGTH = 16;
const WHAT = 'PasswordRecipientInfo';
const VERSION_0 = unsignedInteger(0);

/** PasswordRecipientInfo (RFC 5652 section 6.2.4). */
export interface PasswordRecipient {
  /** Dotted object identifiers with their parameters. */
  readonly keyDerivationAlgorithm: AlgorithmIdentifier;
  readonly keyEncryptionAlgorithm: AlgorithmIdentifier;
  readonly encryptedKey: Buffer;
}

/** DER of the RecipientInfo that wraps `key`, the key of a content that is encrypted by `contentCipher`. */
export async function passwordRecipientInfo(
  password: string,
  contentCipher: CipherName,
  key: Buffer,
  random: RandomSource,
): Promise<Buffer> {
  // A key is not wrapped in a weaker one (RFC 3211 section 2.4), and not in single DES in any case.
  const cipher = contentCipher === 'des' ? '3des' : contentCipher;
  const derivation: Pbkdf2Parameters = {
    salt: random.bytes(SALT_LENGTH),
    iterations: WRITTEN_ITERATIONS,
    digest: 'sha256',
  };
  const iv = random.bytes(cipherBlockLength(cipher));
  const kek = await derivePbkdf2(password, derivation, cipherKeyLength(cipher));
  // Implicitly tagged: [0] takes the place of SEQUENCE.
  const keyDerivationAlgorithm = Buffer.from(pbkdf2Algorithm(derivation));
  keyDerivationAlgorithm[0] = contextConstructedTag(0);
  return contextConstructed(
    3,
    VERSION_0,
    keyDerivationAlgorithm,
    algorithmIdentifier(Oid.pwriKek, algorithmIdentifier(cipherOid(cipher), octetString(iv))),
    octetString(wrapWithKek(cipher, kek, iv, key, random)),
  );
}

/** Reads a RecipientInfo with the tag [3]. Throws `DerError`, also where no key derivation is named. */
export function readPasswordRecipient(element: Tlv): PasswordRecipient {
  const reader = element.open(WHAT);
  readSmallInteger(reader.next(WHAT), `${WHAT} version`);
  const derivation = reader.expect(contextConstructedTag(0), `${WHAT} keyDerivationAlgorithm`);
  const keyDerivationAlgorithm = readAlgorithmIdentifier(derivation, `${WHAT} keyDerivationAlgorithm`);
  const keyEncryptionAlgorithm = readAlgorithmIdentifier(reader);
  const encryptedKey = reader.expect(Tag.OCTET_STRING, `${WHAT} encryptedKey`).content;
  reader.finish(WHAT);
  return { keyDerivationAlgorithm, keyEncryptionAlgorithm, encryptedKey };
}

/** AES key wrap (RFC 3394), which PKI.js writes where RFC 3211 has PWRI-KEK. */
const KEY_WRAPS: Readonly<Record<string, { readonly algorithm: string; readonly keyLength: number } | undefined>> = {
  '2.16.840.1.101.3.4.1.5': { algorithm: 'id-aes128-wrap', keyLength: 16 },
  '2.16.840.1.101.3.4.1.25': { algorithm: 'id-aes192-wrap', keyLength: 24 },
  '2.16.840.1.101.3.4.1.45': { algorithm: 'id-aes256-wrap', keyLength: 32 },
};
const KEY_WRAP_IV = Buffer.alloc(8, 0xa6);

/**
 * The content-encryption key for who knows the password.
 *
 * @param length what its length has to be, in octets
 * @throws DerError for algorithms that are not ours, too many iterations, and a wrong password
 */
export async function unwrapForPassword(
  { keyDerivationAlgorithm, keyEncryptionAlgorithm, encryptedKey }: PasswordRecipient,
  password: string,
  length: number,
): Promise<Buffer> {
  const derivation = readPbkdf2(keyDerivationAlgorithm, `${WHAT} keyDerivationAlgorithm`);
  if (derivation === undefined) throw unsupported('key derivation');
  if (derivation.iterations > MAX_READ_ITERATIONS) throw new DerError(`${WHAT}: too many iterations`);
  const keyWrap = KEY_WRAPS[keyEncryptionAlgorithm.oid];
  if (keyWrap !== undefined) {
    const kek = await derivePbkdf2(password, derivation, keyWrap.keyLength);
    return unwrapAes(keyWrap.algorithm, kek, encryptedKey, length);
  }
  const { cipher, iv } = readPwriKek(keyEncryptionAlgorithm);
  const kek = await derivePbkdf2(password, derivation, cipherKeyLength(cipher));
  return unwrapWithKek(cipher, kek, iv, encryptedKey, length);
}

function readPwriKek({ oid, parameters }: AlgorithmIdentifier): { cipher: CipherName; iv: Buffer } {
  if (oid !== Oid.pwriKek || parameters?.tag !== Tag.SEQUENCE) throw unsupported('key encryption');
  const inner = readAlgorithmIdentifier(parameters, `${WHAT} keyEncryptionAlgorithm`);
  const cipher = cipherFromOid(inner.oid);
  if (cipher === undefined || inner.parameters?.tag !== Tag.OCTET_STRING) throw unsupported('key encryption');
  return { cipher, iv: inner.parameters.content };
}

function unwrapAes(algorithm: string, kek: Buffer, wrapped: Buffer, length: number): Buffer {
  try {
    const operation = createDecipheriv(algorithm, kek, KEY_WRAP_IV);
    const key = Buffer.concat([operation.update(wrapped), operation.final()]);
    if (key.length === length) return key;
  } catch {
    // OpenSSL says no more than that it failed.
  }
  throw new DerError('wrapped key: wrong password, or no key');
}

const unsupported = (part: string): DerError => new DerError(`${WHAT}: ${part} algorithm is not supported`);
