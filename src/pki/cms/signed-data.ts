import { DerError } from '../der/der-error';
import type { DerReader, Tlv } from '../der/der-reader';
import { readOid, readSmallInteger } from '../der/der-values';
import { contextConstructedTag, Tag } from '../der/tag';
import { type AlgorithmIdentifier, readAlgorithmIdentifier } from '../x509/algorithm-identifier';
import { Oid } from '../x509/oid';
import { type Attribute, readAttributes } from './attribute';
import { type CertificateIdentifier, readCertificateIdentifier } from './certificate-identifier';
import { readContentInfo } from './content-info';

/** A chain is short; a bag that is larger than this only costs time. */
const MAX_CERTIFICATES = 32;
const MAX_CRLS = 32;
const MAX_SIGNERS = 8;
const MAX_DIGEST_ALGORITHMS = 16;

/** SignerInfo (RFC 5652 section 5.3). */
export interface SignerInfo {
  readonly signer: CertificateIdentifier;
  readonly digestAlgorithm: AlgorithmIdentifier;
  /** Absent when the signature is over the content itself. */
  readonly signedAttributes?: {
    /** The octets as received, with their `[0]` tag. */
    readonly raw: Buffer;
    readonly list: readonly Attribute[];
  };
  readonly signatureAlgorithm: Tlv;
  readonly signature: Buffer;
}

/** SignedData (RFC 5652 section 5.1). */
export interface SignedData {
  /** Dotted object identifier of eContentType. */
  readonly contentType: string;
  /** The octets inside eContent's OCTET STRING; absent where eContent is. */
  readonly content?: Buffer;
  /** DER of each X.509 certificate, in the order in which they came. */
  readonly certificates: readonly Buffer[];
  /** DER of each CRL, in the order in which they came. */
  readonly crls: readonly Buffer[];
  readonly signerInfos: readonly SignerInfo[];
}

const WHAT = 'SignedData';

/**
 * Reads a ContentInfo that holds SignedData. The version numbers are not looked at: clients set them wrong, and what they
 * announce shows by itself.
 *
 * @throws DerError when the bytes are none in DER
 */
export function readSignedData(bytes: Buffer): SignedData {
  const reader = readContentInfo(bytes, Oid.signedData, WHAT).open(WHAT);
  readSmallInteger(reader.next(WHAT), `${WHAT} version`);
  reader.enter(Tag.SET, `${WHAT} digestAlgorithms`).rest(MAX_DIGEST_ALGORITHMS, `${WHAT} digestAlgorithms`);
  const encapsulated = readEncapsulatedContent(reader.enter(Tag.SEQUENCE, `${WHAT} encapContentInfo`));
  const certificates = readImplicitSet(reader, 0, MAX_CERTIFICATES);
  const crls = readImplicitSet(reader, 1, MAX_CRLS);
  const signerInfos = reader.enter(Tag.SET, `${WHAT} signerInfos`).rest(MAX_SIGNERS, `${WHAT} signerInfos`);
  reader.finish(WHAT);
  return { ...encapsulated, certificates, crls, signerInfos: signerInfos.map(readSignerInfo) };
}

function readEncapsulatedContent(reader: DerReader): Pick<SignedData, 'contentType' | 'content'> {
  const what = `${WHAT} encapContentInfo`;
  const contentType = readOid(reader.next(what), what);
  const wrapper = reader.optional(contextConstructedTag(0), what)?.open(what);
  reader.finish(what);
  if (wrapper === undefined) return { contentType };
  const content = wrapper.expect(Tag.OCTET_STRING, what).content;
  wrapper.finish(what);
  return { contentType, content };
}

/** The SEQUENCEs of an IMPLICIT SET OF; other choices (attribute certificates, other formats) are passed over. */
function readImplicitSet(reader: DerReader, n: number, max: number): Buffer[] {
  const set = reader.optional(contextConstructedTag(n), WHAT);
  if (set === undefined) return [];
  return set
    .open(WHAT)
    .rest(max, n === 0 ? `${WHAT} certificates` : `${WHAT} crls`)
    .filter((element) => element.tag === Tag.SEQUENCE)
    .map((element) => element.raw);
}

function readSignerInfo(element: Tlv): SignerInfo {
  const what = 'SignerInfo';
  if (element.tag !== Tag.SEQUENCE) throw new DerError(`${what}: no SEQUENCE`);
  const reader = element.open(what);
  readSmallInteger(reader.next(what), `${what} version`);
  const signer = readCertificateIdentifier(reader, `${what} sid`);
  const digestAlgorithm = readAlgorithmIdentifier(reader);
  const signed = reader.optional(contextConstructedTag(0), what);
  const signatureAlgorithm = reader.expect(Tag.SEQUENCE, `${what} signatureAlgorithm`);
  const signature = reader.expect(Tag.OCTET_STRING, `${what} signature`).content;
  reader.optional(contextConstructedTag(1), what);
  reader.finish(what);
  const signerInfo = { signer, digestAlgorithm, signatureAlgorithm, signature };
  if (signed === undefined) return signerInfo;
  const list = readAttributes(signed.open(what), `${what} signedAttrs`);
  return { ...signerInfo, signedAttributes: { raw: signed.raw, list } };
}
