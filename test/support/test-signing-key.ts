import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

import type { DigestName } from '../../src/pki/x509/digest-name';
import { PublicKey } from '../../src/pki/x509/public-key';
import type { SigningKey } from '../../src/pki/x509/signing-key';

/** A private key in the open, for tests. */
export class TestSigningKey implements SigningKey {
  readonly publicKey: PublicKey;

  constructor(readonly privateKey: KeyObject) {
    this.publicKey = PublicKey.read(createPublicKey(privateKey).export({ format: 'der', type: 'spki' }));
  }

  static rsa(modulusLength = 2048): TestSigningKey {
    return new TestSigningKey(generateKeyPairSync('rsa', { modulusLength }).privateKey);
  }

  static ec(namedCurve: 'P-256' | 'P-384' | 'P-521' = 'P-256'): TestSigningKey {
    return new TestSigningKey(generateKeyPairSync('ec', { namedCurve }).privateKey);
  }

  sign(digest: DigestName, data: Buffer): Buffer {
    return sign(digest, data, this.privateKey);
  }
}
