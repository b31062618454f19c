import { DerError } from '../der/der-error';
import { readOnly, type Tlv } from '../der/der-reader';
import { readOctetAlignedBitString, readOid, readString } from '../der/der-values';
import {
  bitString,
  isPrintable,
  oid as encodeOid,
  printableString,
  sequence,
  setOf,
  unsignedInteger,
  utf8String,
} from '../der/der-writer';
import { contextConstructedTag, Tag } from '../der/tag';
import { signed } from './certificate-builder';
import type { DigestName } from './digest-name';
import { DistinguishedName } from './distinguished-name';
import { type Extension, extensions as encodeExtensions, readExtensions } from './extension';
import { Oid } from './oid';
import { PublicKey } from './public-key';
import { readSignatureAlgorithm, type SignatureAlgorithm, signatureAlgorithm } from './signature-algorithm';
import type { SigningKey } from './signing-key';

const WHAT = 'certification request';

const MAX_ATTRIBUTES = 64;
const MAX_VALUES = 16;

/** Where clients put the extensions they ask for: PKCS #9, Microsoft before Windows Vista, SCEP drafts. */
const EXTENSION_ATTRIBUTES: readonly string[] = [
  Oid.extensionRequest,
  Oid.microsoftCertificateExtensions,
  Oid.verisignExtensionRequest,
];

/** One attribute of a request (RFC 2986 section 4.1). */
export interface RequestAttribute {
  /** Dotted object identifier. */
  readonly oid: string;
  /** DER of each value. */
  readonly values: readonly Tlv[];
  /** DER of the whole attribute. */
  readonly raw: Buffer;
}

/** A PKCS #10 certification request (RFC 2986). Everything but the public key is checked by reading it. */
export class CertificationRequest {
  private cachedPublicKey: PublicKey | undefined;

  private constructor(
    /** The whole request. */
    readonly der: Buffer,
    /** DER of the CertificationRequestInfo: what the signature is over. */
    readonly info: Buffer,
    readonly subject: DistinguishedName,
    /** DER of the SubjectPublicKeyInfo. */
    readonly spki: Buffer,
    readonly attributes: readonly RequestAttribute[],
    /**
     * Text of the challengePassword attribute (RFC 2985 section 5.4.1), whatever its string type; undefined where it is
     * absent or, as clients that renew write it, empty. A secret.
     */
    readonly challengePassword: string | undefined,
    /** The extensions asked for; empty where there are none. */
    readonly extensions: readonly Extension[],
    /** What the request is signed with; undefined when it is none of our algorithms. */
    readonly signatureAlgorithm: SignatureAlgorithm | undefined,
    private readonly signature: Buffer,
  ) {}

  /**
   * Reads one request and nothing behind it. The attributes may come in any order and may be left out; the
   * challengePassword and the extensions may occur once. Throws `DerError`.
   */
  static read(der: Buffer): CertificationRequest {
    const outer = readOnly(der, Tag.SEQUENCE, WHAT).open(WHAT);
    const info = outer.expect(Tag.SEQUENCE, WHAT);
    const algorithm = outer.expect(Tag.SEQUENCE, WHAT);
    const signature = readOctetAlignedBitString(outer.next(WHAT), WHAT);
    outer.finish(WHAT);
    const reader = info.open(WHAT);
    reader.expect(Tag.INTEGER, `${WHAT} version`);
    const subject = DistinguishedName.read(reader.next(`${WHAT} subject`)).checked();
    const spki = reader.expect(Tag.SEQUENCE, `${WHAT} public key`);
    const attributes = readAttributes(reader.optional(contextConstructedTag(0), `${WHAT} attributes`));
    reader.finish(WHAT);
    return new CertificationRequest(
      der,
      info.raw,
      subject,
      spki.raw,
      attributes,
      readChallengePassword(attributes),
      readRequestedExtensions(attributes),
      readSignatureAlgorithm(algorithm),
      signature,
    );
  }

  /** The key to certify. Throws `DerError` when it is malformed or of an algorithm that is not ours. */
  get publicKey(): PublicKey {
    return (this.cachedPublicKey ??= PublicKey.read(this.spki));
  }

  /**
   * Whether the request is signed with the key that it holds. False for algorithms that are not ours; throws `DerError`
   * as {@link publicKey} does.
   */
  verify(): boolean {
    const algorithm = this.signatureAlgorithm;
    if (algorithm?.digest === undefined || algorithm.keyType !== this.publicKey.type) return false;
    return this.publicKey.verify(algorithm.digest, this.info, this.signature);
  }

  /**
   * DER of the request without its challengePassword. The signature goes with it: it is over the password too, and
   * whoever has all else could try passwords against it. Without a password it is the request as it came.
   */
  withoutChallengePassword(): Buffer {
    const kept = this.attributes.filter(({ oid }) => oid !== Oid.challengePassword);
    if (kept.length === this.attributes.length) return this.der;
    const info = sequence(
      unsignedInteger(0),
      this.subject.raw,
      this.spki,
      setOf(
        kept.map(({ raw }) => raw),
        contextConstructedTag(0),
      ),
    );
    return sequence(info, sequence(encodeOid(Oid.noSignature)), bitString(Buffer.alloc(0)));
  }
}

function readAttributes(element: Tlv | undefined): RequestAttribute[] {
  if (element === undefined) return [];
  return element
    .open(WHAT)
    .rest(MAX_ATTRIBUTES, `${WHAT} attributes`)
    .map((attribute) => {
      if (attribute.tag !== Tag.SEQUENCE) throw new DerError(`${WHAT} attribute: no SEQUENCE`);
      const reader = attribute.open(WHAT);
      const oid = readOid(reader.next(WHAT), `${WHAT} attribute`);
      const values = reader.enter(Tag.SET, `${WHAT} attribute`).rest(MAX_VALUES, `${WHAT} attribute`);
      reader.finish(`${WHAT} attribute`);
      return { oid, values, raw: attribute.raw };
    });
}

/** The one value of the one attribute of these types; undefined where there is none. */
function single(attributes: readonly RequestAttribute[], oids: readonly string[], what: string): Tlv | undefined {
  const found = attributes.filter(({ oid }) => oids.includes(oid));
  if (found.length > 1) throw new DerError(`${WHAT}: ${what} occurs twice`);
  const values = found[0]?.values;
  if (values !== undefined && values.length !== 1) throw new DerError(`${WHAT}: ${what} has not one value`);
  return values?.[0];
}

function readChallengePassword(attributes: readonly RequestAttribute[]): string | undefined {
  const value = single(attributes, [Oid.challengePassword], 'challengePassword');
  if (value === undefined) return undefined;
  const text = readString(value, `${WHAT} challengePassword`);
  return text === '' ? undefined : text;
}

function readRequestedExtensions(attributes: readonly RequestAttribute[]): Extension[] {
  const value = single(attributes, EXTENSION_ATTRIBUTES, 'extension request');
  return value === undefined ? [] : readExtensions(value.raw);
}

/** What goes into a certification request. */
export interface CertificationRequestContent {
  readonly subject: DistinguishedName;
  /** The key to certify. */
  readonly signer: SigningKey;
  readonly challengePassword?: string | undefined;
  readonly extensions?: readonly Extension[] | undefined;
  readonly digest: DigestName;
}

/** Builds and signs a certification request. Returns its DER, at once where the key signs at once. */
export function buildCertificationRequest(content: CertificationRequestContent): Buffer | Promise<Buffer> {
  const { subject, signer, digest } = content;
  const attributes: Buffer[] = [];
  if (content.challengePassword !== undefined)
    attributes.push(attribute(Oid.challengePassword, directoryString(content.challengePassword)));
  if (content.extensions !== undefined && content.extensions.length > 0)
    attributes.push(attribute(Oid.extensionRequest, encodeExtensions(content.extensions)));
  const info = sequence(
    unsignedInteger(0),
    subject.raw,
    signer.publicKey.spki,
    setOf(attributes, contextConstructedTag(0)),
  );
  return signed(info, signatureAlgorithm(signer.publicKey.type, digest), signer.sign(digest, info));
}

const attribute = (oid: string, value: Buffer): Buffer => sequence(encodeOid(oid), setOf([value]));

/** PrintableString where it can be one, as RFC 2985 section 5.4.1 recommends, else UTF8String. */
const directoryString = (text: string): Buffer => (isPrintable(text) ? printableString(text) : utf8String(text));
