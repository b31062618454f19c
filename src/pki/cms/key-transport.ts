import type { Tlv } from '../der/der-reader';
import { contextConstructed, NULL, sequence } from '../der/der-writer';
import { contextConstructedTag, Tag } from '../der/tag';
import { algorithmIdentifier, type AlgorithmIdentifier, readAlgorithmIdentifier } from '../x509/algorithm-identifier';
import { digestFromOid, digestLength, type DigestName, digestOid } from '../x509/digest-name';
import { Oid } from '../x509/oid';
import type { PublicKey } from '../x509/public-key';

/** How a content-encryption key is wrapped for an RSA key. */
export type KeyTransport =
  /** RSAES-PKCS1-v1_5 (RFC 3370 section 4.2.1). */
  | { readonly scheme: 'pkcs1' }
  /** RSAES-OAEP (RFC 3560) with an empty label; the mask generation may use another digest than the label. */
  | { readonly scheme: 'oaep'; readonly digest: DigestName; readonly mgfDigest: DigestName };

/** The one key transport that every client understands. */
export const PKCS1_KEY_TRANSPORT: KeyTransport = { scheme: 'pkcs1' };

const SHA1: AlgorithmIdentifier = { oid: Oid.sha1 };

/**
 * What a keyEncryptionAlgorithm says; undefined for an algorithm (or digest, mask generation, label) that is not ours.
 * Throws `DerError` for parameters that are none.
 */
export function keyTransportOf(algorithm: AlgorithmIdentifier): KeyTransport | undefined {
  if (algorithm.oid === Oid.rsaEncryption) return PKCS1_KEY_TRANSPORT;
  if (algorithm.oid !== Oid.rsaesOaep) return undefined;
  const parameters = algorithm.parameters;
  // RFC 8017 appendix A.2.1: each parameter defaults to SHA-1. Absent and NULL are taken for all defaults.
  if (parameters === undefined || parameters.tag === Tag.NULL)
    return { scheme: 'oaep', digest: 'sha1', mgfDigest: 'sha1' };
  return readOaepParameters(parameters);
}

function readOaepParameters(parameters: Tlv): KeyTransport | undefined {
  const what = 'RSAES-OAEP parameters';
  const reader = parameters.open(what);
  const explicit = (n: number): AlgorithmIdentifier | undefined => {
    const element = reader.optional(contextConstructedTag(n), what);
    return element === undefined ? undefined : readAlgorithmIdentifier(element.open(what));
  };
  const hash = explicit(0) ?? SHA1;
  const mask = explicit(1);
  const label = explicit(2);
  reader.finish(what);

  if (mask !== undefined && (mask.oid !== Oid.mgf1 || mask.parameters === undefined)) return undefined;
  const maskHash = mask?.parameters === undefined ? SHA1 : readAlgorithmIdentifier(mask.parameters);
  const emptyLabel = label === undefined || (label.oid === Oid.pSpecified && (label.parameters?.length ?? 0) === 0);
  const digest = digestFromOid(hash.oid);
  const mgfDigest = digestFromOid(maskHash.oid);
  return emptyLabel && digest !== undefined && mgfDigest !== undefined
    ? { scheme: 'oaep', digest, mgfDigest }
    : undefined;
}

/** DER of the keyEncryptionAlgorithm. */
export function keyTransportAlgorithm(transport: KeyTransport): Buffer {
  if (transport.scheme === 'pkcs1') return algorithmIdentifier(Oid.rsaEncryption, NULL);
  // Defaults are left out (X.690 section 11.5).
  const parts: Buffer[] = [];
  if (transport.digest !== 'sha1')
    parts.push(contextConstructed(0, algorithmIdentifier(digestOid(transport.digest), NULL)));
  if (transport.mgfDigest !== 'sha1') {
    const hash = algorithmIdentifier(digestOid(transport.mgfDigest), NULL);
    parts.push(contextConstructed(1, algorithmIdentifier(Oid.mgf1, hash)));
  }
  return algorithmIdentifier(Oid.rsaesOaep, sequence(...parts));
}

/** Octets of padding that an encoded message holds at least, besides the key (RFC 8017 sections 7.1.1 and 7.2.1). */
export const leastPadding = (transport: KeyTransport): number =>
  transport.scheme === 'pkcs1' ? 11 : 2 * digestLength(transport.digest) + 2;

/** Whether {@link wrapKey} can wrap a key of `length` octets for this recipient: OAEP needs room for two digests. */
export const canWrapKey = (transport: KeyTransport, recipient: PublicKey, length: number): boolean =>
  recipient.type === 'rsa' && Math.ceil(recipient.bits / 8) >= length + leastPadding(transport);

/**
 * Wraps a content-encryption key for its recipient.
 *
 * @throws DerError when the recipient's key is no RSA key or too small
 */
export function wrapKey(transport: KeyTransport, recipient: PublicKey, key: Buffer): Buffer {
  return transport.scheme === 'pkcs1' ? recipient.encryptPkcs1(key) : recipient.encryptOaep(transport.digest, key);
}

/** The transport in which to answer one that came: ours uses one digest for both purposes. */
export const replyKeyTransport = (received: KeyTransport): KeyTransport =>
  received.scheme === 'pkcs1' ? received : { ...received, mgfDigest: received.digest };
