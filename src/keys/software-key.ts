import { constants, createHash, createHmac, privateDecrypt, sign, type KeyObject } from 'node:crypto';
import type { DecryptionKey } from '../pki/cms/decryption-key';
import type { DigestName } from '../pki/x509/digest-name';
import type { PublicKey } from '../pki/x509/public-key';
import type { SigningKey } from '../pki/x509/signing-key';

/** Makes signatures with a private key that it does not show. */
export type Signer = SigningKey;

/** Makes raw RSA operations with a private key that it does not show. */
export type Decrypter = DecryptionKey;

/** A private key in this process's memory, for signatures: RSASSA-PKCS1-v1_5 or ECDSA (DER, RFC 3279 section 2.2.3). */
export class SoftwareSigner implements Signer {
  constructor(
    readonly publicKey: PublicKey,
    private readonly key: KeyObject,
  ) {}

  sign(digest: DigestName, data: Buffer): Buffer {
    return sign(digest, data, this.key);
  }
}

/** An RSA private key in this process's memory, for unwrapping content-encryption keys. */
export class SoftwareDecrypter implements Decrypter {
  /** Length of the modulus and of every result of {@link raw}, in bytes. */
  readonly modulusBytes: number;

  /**
   * @param bits length of the modulus
   * @param key the private key
   * @param substituteSecret what {@link substitute} is keyed with: {@link substituteSecret} of the private key
   */
  constructor(
    bits: number,
    private readonly key: KeyObject,
    private readonly substituteSecret: Buffer,
  ) {
    this.modulusBytes = Math.ceil(bits / 8);
  }

  /**
   * The RSA private operation without any unpadding. A ciphertext that is too long, too short or not below the modulus
   * yields zeroes, which no padding accepts, after an operation of the same cost: the caller need not tell it from a
   * wrong padding (`key-unwrap.ts`).
   */
  raw(ciphertext: Buffer): Buffer {
    if (ciphertext.length === this.modulusBytes) {
      try {
        return this.operate(ciphertext);
      } catch {
        // Not below the modulus, which the sender knows without us.
      }
    }
    this.operate(this.one());
    return Buffer.alloc(this.modulusBytes);
  }

  /**
   * What to go on with where the padding was wrong: `length` bytes that are the same for the same ciphertext on every
   * gateway, and unpredictable without the private key.
   */
  substitute(ciphertext: Buffer, length: number): Buffer {
    const blocks: Buffer[] = [];
    for (let block = 0; block * 32 < length; block++)
      blocks.push(createHmac('sha256', this.substituteSecret).update(Buffer.of(block)).update(ciphertext).digest());
    return Buffer.concat(blocks, length);
  }

  private operate(ciphertext: Buffer): Buffer {
    return privateDecrypt({ key: this.key, padding: constants.RSA_NO_PADDING }, ciphertext);
  }

  private one(): Buffer {
    const one = Buffer.alloc(this.modulusBytes);
    one[this.modulusBytes - 1] = 1;
    return one;
  }
}

/** The secret under a key's substitutes: derived from the private key, so that all gateways have the same one. */
export function substituteSecret(pkcs8: Buffer): Buffer {
  return createHash('sha256').update('scep-gateway substitute').update(pkcs8).digest();
}
