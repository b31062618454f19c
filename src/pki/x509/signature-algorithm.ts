import type { DerReader, Tlv } from '../der/der-reader';
import { NULL } from '../der/der-writer';
import { algorithmIdentifier, readAlgorithmIdentifier } from './algorithm-identifier';
import type { DigestName } from './digest-name';
import { Oid } from './oid';

/** The kinds of key that sign here. */
export type KeyType = 'rsa' | 'ec';

/** What a signature's AlgorithmIdentifier says. */
export interface SignatureAlgorithm {
  readonly keyType: KeyType;
  /** Absent where the identifier names only the key (rsaEncryption, id-ecPublicKey), as CMS allows. */
  readonly digest?: DigestName | undefined;
}

const RSA: Readonly<Record<DigestName, string>> = {
  md5: Oid.md5WithRSAEncryption,
  sha1: Oid.sha1WithRSAEncryption,
  sha224: Oid.sha224WithRSAEncryption,
  sha256: Oid.sha256WithRSAEncryption,
  sha384: Oid.sha384WithRSAEncryption,
  sha512: Oid.sha512WithRSAEncryption,
};

/** MD5 has no identifier with ECDSA. */
const EC: Readonly<Record<Exclude<DigestName, 'md5'>, string>> = {
  sha1: Oid.ecdsaWithSHA1,
  sha224: Oid.ecdsaWithSHA224,
  sha256: Oid.ecdsaWithSHA256,
  sha384: Oid.ecdsaWithSHA384,
  sha512: Oid.ecdsaWithSHA512,
};

const known = new Map<string, SignatureAlgorithm>([
  [Oid.rsaEncryption, { keyType: 'rsa' }],
  [Oid.oiwMd5WithRSA, { keyType: 'rsa', digest: 'md5' }],
  [Oid.oiwSha1WithRSA, { keyType: 'rsa', digest: 'sha1' }],
  [Oid.ecPublicKey, { keyType: 'ec' }],
]);
const encoded = new Map<string, Buffer>();
for (const [digest, oid] of Object.entries(RSA) as [DigestName, string][]) {
  known.set(oid, { keyType: 'rsa', digest });
  // RFC 4055 section 5: the parameters are NULL and present.
  encoded.set(`rsa ${digest}`, algorithmIdentifier(oid, NULL));
}
for (const [digest, oid] of Object.entries(EC) as [DigestName, string][]) {
  known.set(oid, { keyType: 'ec', digest });
  // RFC 5758 section 3.2: the parameters are absent.
  encoded.set(`ec ${digest}`, algorithmIdentifier(oid));
}

/** DER of the AlgorithmIdentifier of a signature by such a key over such a digest; MD5 with ECDSA is a RangeError. */
export function signatureAlgorithm(keyType: KeyType, digest: DigestName): Buffer {
  const found = encoded.get(`${keyType} ${digest}`);
  if (found === undefined) throw new RangeError(`no signature algorithm joins ${keyType} and ${digest}`);
  return found;
}

/**
 * What the AlgorithmIdentifier of a signature says (the given element, or the next one of a reader); undefined for an
 * algorithm that is not ours, `DerError` for what is no AlgorithmIdentifier. Parameters are not looked at: clients differ
 * on NULL and absent.
 */
export function readSignatureAlgorithm(source: Tlv | DerReader): SignatureAlgorithm | undefined {
  return known.get(readAlgorithmIdentifier(source, 'signature algorithm').oid);
}
