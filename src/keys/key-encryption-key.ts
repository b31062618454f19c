import { createCipheriv, createDecipheriv, createHash, createSecretKey, type KeyObject } from 'node:crypto';
import type { RandomSource } from '../common/random-source';
import { ServiceError } from '../common/service-error';

const VERSION = 1;
const KEY_ID_BYTES = 8;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEADER_BYTES = 1 + KEY_ID_BYTES + NONCE_BYTES + TAG_BYTES;
const CIPHER = 'aes-256-gcm';

interface Key {
  readonly id: string;
  readonly secret: KeyObject;
}

/**
 * Seals what the database must not hold in the clear: private keys and secrets that are read again (docs/adr/0007).
 * AES-256-GCM with a random 96-bit nonce (NIST SP 800-38D section 8.2.2; the number of sealed values stays far below
 * its 2^32). A sealed value is, byte by byte:
 *
 *     version (1, value 1) | key id (8) | nonce (12) | tag (16) | ciphertext
 *
 * The context says what the value is and which row it belongs to. It is the additional authenticated data, so that a
 * value copied to another row does not open. Of several keys the first seals and all open, which is how keys are
 * exchanged.
 */
export class KeyEncryptionKey {
  private constructor(
    private readonly keys: readonly [Key, ...Key[]],
    private readonly random: RandomSource,
  ) {}

  /**
   * Reads the text of a key file: one key of 256 bits per line, in hexadecimal (64 digits) or base64 (44 characters);
   * blank lines and lines that begin with `#` do not count. Throws {@link ServiceError} (`invalid-input`) which names
   * the line and never its content.
   */
  static parse(text: string, random: RandomSource): KeyEncryptionKey {
    const keys: Key[] = [];
    for (const [index, line] of text.split(/\r?\n/).entries()) {
      const trimmed = line.trim();
      if (trimmed === '' || trimmed.startsWith('#')) continue;
      const bytes = decodeKey(trimmed);
      if (bytes === undefined)
        throw new ServiceError(
          'invalid-input',
          `line ${index + 1} of the key-encryption key file is no key: write 256 random bits in hexadecimal or base64, as "openssl rand -hex 32" prints them`,
        );
      const id = keyId(bytes);
      if (keys.some((key) => key.id === id))
        throw new ServiceError('invalid-input', `line ${index + 1} of the key-encryption key file repeats a key`);
      keys.push({ id, secret: createSecretKey(bytes) });
      bytes.fill(0);
    }
    const [first, ...others] = keys;
    if (first === undefined) throw new ServiceError('invalid-input', 'the key-encryption key file holds no key');
    return new KeyEncryptionKey([first, ...others], random);
  }

  /** Ids (16 hexadecimal digits, no secret) of all keys, the one that seals first. */
  get keyIds(): readonly string[] {
    return this.keys.map((key) => key.id);
  }

  /**
   * Seals under the first key.
   *
   * @param plaintext the secret; the caller zeroes it
   * @param context what the value is and which row it belongs to, such as `keys/<id>`
   */
  seal(plaintext: Buffer, context: string): Buffer {
    const [key] = this.keys;
    const nonce = this.random.bytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, key.secret, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(Buffer.from(context, 'utf8'));
    const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
    return Buffer.concat([Buffer.of(VERSION), Buffer.from(key.id, 'hex'), nonce, cipher.getAuthTag(), ciphertext]);
  }

  /**
   * Opens what {@link seal} made with the same context under any of the keys. The caller zeroes the result after use.
   * Throws {@link ServiceError} (`internal`) when the key is missing or the value or its context was changed.
   */
  open(sealed: Buffer, context: string): Buffer {
    const id = sealingKeyId(sealed);
    const key = this.keys.find((candidate) => candidate.id === id);
    if (key === undefined)
      throw new ServiceError(
        'internal',
        `a secret is sealed under the key-encryption key ${id}, which the key file does not hold`,
      );
    const body = sealed.subarray(1 + KEY_ID_BYTES);
    const nonce = body.subarray(0, NONCE_BYTES);
    const decipher = createDecipheriv(CIPHER, key.secret, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(context, 'utf8'));
    decipher.setAuthTag(body.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    const plaintext = decipher.update(body.subarray(NONCE_BYTES + TAG_BYTES));
    try {
      decipher.final();
    } catch (cause) {
      plaintext.fill(0);
      throw new ServiceError('internal', `the sealed value ${context} was changed or belongs to another row`, {
        cause,
      });
    }
    return plaintext;
  }
}

/** The id of the key that a value is sealed under: 16 hexadecimal digits. Throws {@link ServiceError} (`internal`). */
export function sealingKeyId(sealed: Buffer): string {
  if (sealed.length < HEADER_BYTES || sealed[0] !== VERSION)
    throw new ServiceError('internal', 'a sealed value is of an unknown form');
  return sealed.toString('hex', 1, 1 + KEY_ID_BYTES);
}

function decodeKey(text: string): Buffer | undefined {
  if (/^[0-9a-f]{64}$/i.test(text)) return Buffer.from(text, 'hex');
  if (/^[0-9a-z+/]{43}=$/i.test(text)) return Buffer.from(text, 'base64');
  return undefined;
}

function keyId(key: Buffer): string {
  return createHash('sha256').update('scep-gateway key id').update(key).digest().toString('hex', 0, KEY_ID_BYTES);
}
