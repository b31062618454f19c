import { constants, createPublicKey, type KeyObject, publicEncrypt, verify } from 'node:crypto';

import { DerError } from '../der/der-error';
import { readOnly, type Tlv } from '../der/der-reader';
import { readInteger, readOctetAlignedBitString, readOid } from '../der/der-values';
import { Tag } from '../der/tag';
import { readAlgorithmIdentifier } from './algorithm-identifier';
import { digest, type DigestName } from './digest-name';
import { Oid } from './oid';
import type { KeyType } from './signature-algorithm';

/** Names of the elliptic curves (FIPS 186-5). */
export type CurveName = 'P-256' | 'P-384' | 'P-521';

const CURVES: Readonly<Record<string, { readonly name: CurveName; readonly bits: number } | undefined>> = {
  [Oid.secp256r1]: { name: 'P-256', bits: 256 },
  [Oid.secp384r1]: { name: 'P-384', bits: 384 },
  [Oid.secp521r1]: { name: 'P-521', bits: 521 },
};

/**
 * Smaller RSA keys are refused by OpenSSL itself; larger ones only serve to keep the processor busy. What is allowed
 * between is for the alias and the profile to say.
 */
const MIN_RSA_BITS = 512;
const MAX_RSA_BITS = 8192;
const MAX_RSA_EXPONENT_OCTETS = 8;

const WHAT = 'public key';

/** An RSA or elliptic curve public key, from and as SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7). */
export class PublicKey {
  private cachedHash: Buffer | undefined;

  private constructor(
    /** DER of the SubjectPublicKeyInfo, as it came. */
    readonly spki: Buffer,
    /** Content of the subjectPublicKey BIT STRING: RSAPublicKey (RFC 8017 appendix A.1.1) or ECPoint (RFC 5480). */
    readonly subjectPublicKey: Buffer,
    readonly type: KeyType,
    /** Size of the modulus or of the curve in bits. */
    readonly bits: number,
    readonly curve: CurveName | undefined,
    private cachedKey: KeyObject | undefined,
  ) {}

  /**
   * Reads a SubjectPublicKeyInfo. Throws `DerError` for what is none, for algorithms and curves other than ours, for RSA
   * keys outside 512 to 8192 bits and for points that are not on their curve.
   */
  static read(spki: Buffer): PublicKey {
    const reader = readOnly(spki, Tag.SEQUENCE, WHAT).open(WHAT);
    const algorithm = readAlgorithmIdentifier(reader, `${WHAT} algorithm`);
    const key = readOctetAlignedBitString(reader.next(WHAT), WHAT);
    reader.finish(WHAT);
    if (algorithm.oid === Oid.rsaEncryption) return new PublicKey(spki, key, 'rsa', rsaBits(key), undefined, undefined);
    if (algorithm.oid === Oid.ecPublicKey) return PublicKey.readEc(spki, key, algorithm.parameters);
    throw new DerError(`${WHAT}: algorithm is not supported`);
  }

  private static readEc(spki: Buffer, point: Buffer, parameters: Tlv | undefined): PublicKey {
    if (parameters === undefined) throw new DerError(`${WHAT}: curve is missing`);
    const curve = CURVES[readOid(parameters, `${WHAT} curve`)];
    if (curve === undefined) throw new DerError(`${WHAT}: curve is not supported`);
    return new PublicKey(spki, point, 'ec', curve.bits, curve.name, importEc(spki, point, curve));
  }

  /** SHA-256 over the SubjectPublicKeyInfo: 32 bytes. */
  get hash(): Buffer {
    return (this.cachedHash ??= digest('sha256', this.spki));
  }

  /** Whether this is the same key, however its SubjectPublicKeyInfo spells the parameters. */
  equals(other: PublicKey): boolean {
    return (
      this.type === other.type && this.curve === other.curve && this.subjectPublicKey.equals(other.subjectPublicKey)
    );
  }

  /**
   * Whether `signature` is this key's over the digest of `data` (RSASSA-PKCS1-v1_5; Ecdsa-Sig-Value in DER). Whatever is
   * wrong with it, the answer is false.
   */
  verify(name: DigestName, data: Buffer, signature: Buffer): boolean {
    try {
      return verify(name, data, this.key, signature);
    } catch {
      // OpenSSL throws for some malformed signatures where it returns false for others.
      return false;
    }
  }

  /** RSAES-PKCS1-v1_5; throws `DerError` where the key is no RSA key or too small for `data`. */
  encryptPkcs1(data: Buffer): Buffer {
    return this.encrypt(data, { padding: constants.RSA_PKCS1_PADDING });
  }

  /**
   * RSAES-OAEP with this digest, for MGF1 too, and an empty label; throws `DerError` where the key is no RSA key or too
   * small for `data`.
   */
  encryptOaep(name: DigestName, data: Buffer): Buffer {
    return this.encrypt(data, { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: name });
  }

  private encrypt(data: Buffer, options: { padding: number; oaepHash?: string }): Buffer {
    if (this.type !== 'rsa') throw new DerError(`${WHAT}: cannot encrypt`);
    try {
      return publicEncrypt({ key: this.key, ...options }, data);
    } catch (cause) {
      throw new DerError(`${WHAT}: cannot encrypt this`, { cause });
    }
  }

  private get key(): KeyObject {
    return (this.cachedKey ??= importRsa(this.subjectPublicKey));
  }
}

/** Checks an RSAPublicKey and returns the size of its modulus. */
function rsaBits(key: Buffer): number {
  const reader = readOnly(key, Tag.SEQUENCE, WHAT).open(WHAT);
  const modulus = positive(readInteger(reader.next(WHAT), WHAT));
  const exponent = positive(readInteger(reader.next(WHAT), WHAT));
  reader.finish(WHAT);
  const bits = modulus.length * 8 - Math.clz32(modulus[0] as number) + 24;
  if (bits < MIN_RSA_BITS || bits > MAX_RSA_BITS) throw new DerError(`${WHAT}: RSA modulus of ${bits} bits`);
  if (exponent.length > MAX_RSA_EXPONENT_OCTETS) throw new DerError(`${WHAT}: RSA exponent is too large`);
  const odd = ((modulus.at(-1) as number) & (exponent.at(-1) as number) & 1) === 1;
  if (!odd || (exponent.length === 1 && exponent[0] === 1)) throw new DerError(`${WHAT}: no RSA key`);
  return bits;
}

/** Magnitude of a positive INTEGER's content octets. */
function positive(content: Buffer): Buffer {
  const magnitude = content[0] === 0 ? content.subarray(1) : content;
  if (magnitude.length === 0 || (content[0] as number) >= 0x80) throw new DerError(`${WHAT}: INTEGER is not positive`);
  return magnitude;
}

/** The bare RSAPublicKey is imported in a thirtieth of the time that a SubjectPublicKeyInfo takes. */
function importRsa(key: Buffer): KeyObject {
  try {
    return createPublicKey({ key, format: 'der', type: 'pkcs1' });
  } catch (cause) {
    throw new DerError(`${WHAT}: no RSA key`, { cause });
  }
}

function importEc(spki: Buffer, point: Buffer, curve: { name: CurveName; bits: number }): KeyObject {
  const size = Math.ceil(curve.bits / 8);
  const form = point[0];
  const uncompressed = form === 4 && point.length === 1 + 2 * size;
  const compressed = (form === 2 || form === 3) && point.length === 1 + size;
  // OpenSSL itself would take the point at infinity for a key.
  if (!uncompressed && !compressed) throw new DerError(`${WHAT}: no point on its curve`);
  try {
    if (compressed) return createPublicKey({ key: spki, format: 'der', type: 'spki' });
    const x = point.toString('base64url', 1, 1 + size);
    const y = point.toString('base64url', 1 + size);
    return createPublicKey({ key: { kty: 'EC', crv: curve.name, x, y }, format: 'jwk' });
  } catch (cause) {
    throw new DerError(`${WHAT}: no point on its curve`, { cause });
  }
}
