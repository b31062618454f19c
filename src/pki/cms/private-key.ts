import {
  constants,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
  privateDecrypt,
  sign,
} from 'node:crypto';
import { DerError } from '../der/der-error';
import type { DigestName } from '../x509/digest-name';
import { type CurveName, PublicKey } from '../x509/public-key';
import type { SigningKey } from '../x509/signing-key';
import type { DecryptionKey } from './decryption-key';

/** An RSA or EC private key in this process's memory: signs, and opens envelopes if it is an RSA key. */
export class PrivateKey implements SigningKey, DecryptionKey {
  readonly publicKey: PublicKey;
  readonly modulusBytes: number;
  private substituteSecret: Buffer | undefined;

  /** @param key an RSA or EC private key; throws {@link DerError} for another kind */
  constructor(private readonly key: KeyObject) {
    this.publicKey = PublicKey.read(createPublicKey(key).export({ format: 'der', type: 'spki' }));
    this.modulusBytes = this.publicKey.type === 'rsa' ? Math.ceil(this.publicKey.bits / 8) : 0;
  }

  /** Reads DER of a PrivateKeyInfo (RFC 5208). */
  static fromPkcs8(der: Buffer): PrivateKey {
    return new PrivateKey(importKey(() => createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })));
  }

  /** Reads a key in PEM, of PKCS #8, PKCS #1 or SEC 1, encrypted if a passphrase is given. */
  static fromPem(text: string, passphrase?: string): PrivateKey {
    return new PrivateKey(importKey(() => createPrivateKey({ key: text, format: 'pem', passphrase })));
  }

  /** A fresh RSA key with this many bits of modulus. */
  static generateRsa(bits: number): PrivateKey {
    return new PrivateKey(generateKeyPairSync('rsa', { modulusLength: bits }).privateKey);
  }

  /** A fresh EC key on this curve. */
  static generateEc(curve: CurveName): PrivateKey {
    return new PrivateKey(generateKeyPairSync('ec', { namedCurve: curve }).privateKey);
  }

  /** DER of the PrivateKeyInfo (RFC 5208), not encrypted. */
  toPkcs8(): Buffer {
    return this.key.export({ format: 'der', type: 'pkcs8' });
  }

  sign(digest: DigestName, data: Buffer): Buffer {
    return sign(digest, data, this.key);
  }

  raw(ciphertext: Buffer): Buffer {
    return privateDecrypt({ key: this.key, padding: constants.RSA_NO_PADDING }, ciphertext);
  }

  substitute(ciphertext: Buffer, length: number): Buffer {
    // Derived from the key, so that every process that holds it gives the same answer to the same message.
    this.substituteSecret ??= Buffer.from(
      hkdfSync('sha256', createHash('sha256').update(this.toPkcs8()).digest(), '', 'scep-gateway substitute key', 32),
    );
    return createHmac('sha256', this.substituteSecret).update(ciphertext).digest().subarray(0, length);
  }
}

function importKey(load: () => KeyObject): KeyObject {
  let key: KeyObject;
  try {
    key = load();
  } catch {
    // OpenSSL's text is left out: it can quote what it was given.
    throw new DerError('private key: cannot be read, or the passphrase is wrong');
  }
  if (key.asymmetricKeyType !== 'rsa' && key.asymmetricKeyType !== 'ec')
    throw new DerError('private key: neither RSA nor EC');
  return key;
}
