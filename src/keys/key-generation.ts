import { createPrivateKey, createPublicKey, generateKeyPair, sign, verify, type KeyObject } from 'node:crypto';
import { assertNever } from '../common/assert-never';
import { ServiceError } from '../common/service-error';
import { DerError } from '../pki/der/der-error';
import { PublicKey } from '../pki/x509/public-key';
import type { KeyAlgorithm } from './key-algorithm';

const LARGEST_RSA_BITS = 8192;
const SMALLEST_RSA_BITS = 2048;

/** A private key in memory and what others may know of it. */
export interface PrivateKeyMaterial {
  readonly privateKey: KeyObject;
  readonly publicKey: PublicKey;
}

/** Generates a key pair on the thread pool: RSA-4096 takes seconds, during which the event loop goes on. */
export async function generatePrivateKey(algorithm: KeyAlgorithm): Promise<PrivateKeyMaterial> {
  const privateKey = await new Promise<KeyObject>((resolve, reject) => {
    const done = (error: Error | null, _: KeyObject, key: KeyObject): void => {
      if (error === null) resolve(key);
      else reject(error);
    };
    switch (algorithm) {
      case 'RSA-2048':
      case 'RSA-3072':
      case 'RSA-4096':
        generateKeyPair('rsa', { modulusLength: Number(algorithm.slice(4)), publicExponent: 0x10001 }, done);
        break;
      case 'EC-P256':
        generateKeyPair('ec', { namedCurve: 'P-256' }, done);
        break;
      case 'EC-P384':
        generateKeyPair('ec', { namedCurve: 'P-384' }, done);
        break;
      default:
        assertNever(algorithm);
    }
  });
  return { privateKey, publicKey: publicKeyOf(privateKey) };
}

/**
 * Reads a PKCS #8 PrivateKeyInfo (DER): RSA of 2048 to 8192 bits or EC on P-256, P-384, P-521, whose private and public
 * part belong together. Throws {@link ServiceError} (`key-not-allowed`).
 */
export function readPrivateKey(pkcs8: Buffer): PrivateKeyMaterial {
  let privateKey: KeyObject;
  let publicKey: PublicKey;
  try {
    privateKey = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
    publicKey = publicKeyOf(privateKey);
  } catch (cause) {
    // Neither OpenSSL's nor the reader's message says anything about the key itself.
    throw new ServiceError('key-not-allowed', 'the private key is neither RSA nor EC on P-256, P-384 or P-521', {
      cause: cause instanceof DerError ? cause : undefined,
    });
  }
  if (publicKey.type === 'rsa' && (publicKey.bits < SMALLEST_RSA_BITS || publicKey.bits > LARGEST_RSA_BITS))
    throw new ServiceError(
      'key-not-allowed',
      `the RSA key has ${publicKey.bits} bits, ${SMALLEST_RSA_BITS} to ${LARGEST_RSA_BITS} are allowed`,
    );
  const probe = Buffer.from('pairwise consistency');
  if (!verify('sha256', probe, createPublicKey(privateKey), sign('sha256', probe, privateKey)))
    throw new ServiceError('key-not-allowed', 'the private key and its public part do not belong together');
  return { privateKey, publicKey };
}

/** How an algorithm is named: `RSA-2048`, `EC-P256`. */
export function keyAlgorithmName(key: PublicKey): string {
  return key.type === 'rsa' ? `RSA-${key.bits}` : `EC-${(key.curve ?? '').replace('-', '')}`;
}

function publicKeyOf(privateKey: KeyObject): PublicKey {
  return PublicKey.read(createPublicKey(privateKey).export({ format: 'der', type: 'spki' }));
}
