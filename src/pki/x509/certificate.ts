import { DerError } from '../der/der-error';
import { readOnly, type Tlv } from '../der/der-reader';
import { readOctetAlignedBitString, readTime } from '../der/der-values';
import { contextConstructedTag, contextPrimitiveTag, Tag } from '../der/tag';
import { digest, type DigestName } from './digest-name';
import { DistinguishedName } from './distinguished-name';
import {
  type Extension,
  type KeyUsageBit,
  readBasicConstraints,
  readExtensions,
  readKeyUsage,
  readSubjectKeyIdentifier,
} from './extension';
import { Oid } from './oid';
import { PublicKey } from './public-key';
import { readSignatureAlgorithm, type SignatureAlgorithm } from './signature-algorithm';

const WHAT = 'certificate';

/** The parts of a certificate, as positions in its bytes. */
interface Parts {
  readonly tbs: Tlv;
  readonly serialNumber: Tlv;
  readonly innerAlgorithm: Tlv;
  readonly issuer: Tlv;
  readonly validity: Tlv;
  readonly subject: Tlv;
  readonly spki: Tlv;
  readonly extensions: Tlv | undefined;
  readonly algorithm: Tlv;
  readonly signature: Tlv;
}

/**
 * An X.509 certificate (RFC 5280 section 4.1) of any version: certmonger sends version 1, OpenSCEP writes a version that
 * does not exist. Reading finds the parts; each part is decoded when it is asked for, and **a property throws `DerError`
 * when its part is malformed**. So a client whose self-signed certificate is odd in a part that nobody needs gets through.
 */
export class Certificate {
  private cachedIssuer: DistinguishedName | undefined;
  private cachedSubject: DistinguishedName | undefined;
  private cachedValidity: { readonly notBefore: Date; readonly notAfter: Date } | undefined;
  private cachedPublicKey: PublicKey | undefined;
  private cachedExtensions: readonly Extension[] | undefined;

  private constructor(
    /** The whole certificate. */
    readonly der: Buffer,
    private readonly parts: Parts,
  ) {}

  /** Reads one certificate and nothing behind it. Throws `DerError`. */
  static read(der: Buffer): Certificate {
    const outer = readOnly(der, Tag.SEQUENCE, WHAT).open(WHAT);
    const tbs = outer.expect(Tag.SEQUENCE, WHAT);
    const algorithm = outer.expect(Tag.SEQUENCE, WHAT);
    const signature = outer.expect(Tag.BIT_STRING, WHAT);
    outer.finish(WHAT);
    return new Certificate(der, { tbs, algorithm, signature, ...readTbs(tbs) });
  }

  /** DER of the TBSCertificate: what the signature is over. */
  get tbs(): Buffer {
    return this.parts.tbs.raw;
  }

  /** Content octets of the serial number's INTEGER, as they came: sscep's have 32 of them. */
  get serialNumber(): Buffer {
    return this.parts.serialNumber.content;
  }

  /** The serial number in lower-case hexadecimal digits, without leading zero octets. */
  get serialHex(): string {
    const content = this.serialNumber;
    let start = 0;
    while (start < content.length - 1 && content[start] === 0) start++;
    return content.toString('hex', start);
  }

  get issuer(): DistinguishedName {
    return (this.cachedIssuer ??= DistinguishedName.read(this.parts.issuer));
  }

  get subject(): DistinguishedName {
    return (this.cachedSubject ??= DistinguishedName.read(this.parts.subject));
  }

  get notBefore(): Date {
    return this.validity.notBefore;
  }

  get notAfter(): Date {
    return this.validity.notAfter;
  }

  private get validity(): { readonly notBefore: Date; readonly notAfter: Date } {
    return (this.cachedValidity ??= readValidity(this.parts.validity));
  }

  /** DER of the SubjectPublicKeyInfo. */
  get spki(): Buffer {
    return this.parts.spki.raw;
  }

  get publicKey(): PublicKey {
    return (this.cachedPublicKey ??= PublicKey.read(this.spki));
  }

  /** The extensions in their order; none for version 1. */
  get extensions(): readonly Extension[] {
    return (this.cachedExtensions ??=
      this.parts.extensions === undefined ? [] : readWrappedExtensions(this.parts.extensions));
  }

  /** The inner DER of the extension with this object identifier. */
  extension(oid: string): Buffer | undefined {
    return this.extensions.find((extension) => extension.oid === oid)?.value;
  }

  /** The algorithm that the issuer signed with; undefined when it is not one of ours. */
  get signatureAlgorithm(): SignatureAlgorithm | undefined {
    return readSignatureAlgorithm(this.parts.algorithm);
  }

  /** The signature's bytes. */
  get signature(): Buffer {
    return readOctetAlignedBitString(this.parts.signature, WHAT);
  }

  /** The key identifier of the subjectKeyIdentifier extension. */
  get subjectKeyIdentifier(): Buffer | undefined {
    const value = this.extension(Oid.subjectKeyIdentifier);
    return value === undefined ? undefined : readSubjectKeyIdentifier(value);
  }

  /** What the key may be used for; undefined where the certificate does not say, which means anything. */
  get keyUsage(): ReadonlySet<KeyUsageBit> | undefined {
    const value = this.extension(Oid.keyUsage);
    return value === undefined ? undefined : readKeyUsage(value);
  }

  /** Whether basicConstraints make this the certificate of a CA. */
  get isCa(): boolean {
    const value = this.extension(Oid.basicConstraints);
    return value !== undefined && readBasicConstraints(value).ca;
  }

  /** Whether issuer and subject are the same name. It says nothing of the signature. */
  get isSelfIssued(): boolean {
    return this.issuer.equals(this.subject);
  }

  /** Whether this key made the signature. False, too, where the two signature algorithms of the certificate differ. */
  isSignedBy(key: PublicKey): boolean {
    const algorithm = this.signatureAlgorithm;
    if (algorithm?.digest === undefined || algorithm.keyType !== key.type) return false;
    if (!this.parts.algorithm.raw.equals(this.parts.innerAlgorithm.raw)) return false;
    return key.verify(algorithm.digest, this.tbs, this.signature);
  }

  /** Digest over the whole certificate. */
  fingerprint(name: DigestName): Buffer {
    return digest(name, this.der);
  }
}

function readTbs(tbs: Tlv): Omit<Parts, 'tbs' | 'algorithm' | 'signature'> {
  const reader = tbs.open(WHAT);
  reader.optional(contextConstructedTag(0), `${WHAT} version`);
  const serialNumber = reader.expect(Tag.INTEGER, `${WHAT} serial number`);
  if (serialNumber.length === 0) throw new DerError(`${WHAT} serial number: empty INTEGER`);
  const innerAlgorithm = reader.expect(Tag.SEQUENCE, `${WHAT} signature algorithm`);
  const issuer = reader.expect(Tag.SEQUENCE, `${WHAT} issuer`);
  const validity = reader.expect(Tag.SEQUENCE, `${WHAT} validity`);
  const subject = reader.expect(Tag.SEQUENCE, `${WHAT} subject`);
  const spki = reader.expect(Tag.SEQUENCE, `${WHAT} public key`);
  reader.optional(contextPrimitiveTag(1), `${WHAT} issuerUniqueID`);
  reader.optional(contextPrimitiveTag(2), `${WHAT} subjectUniqueID`);
  const extensions = reader.optional(contextConstructedTag(3), `${WHAT} extensions`);
  reader.finish(WHAT);
  return { serialNumber, innerAlgorithm, issuer, validity, subject, spki, extensions };
}

function readValidity(validity: Tlv): { notBefore: Date; notAfter: Date } {
  const reader = validity.open(`${WHAT} validity`);
  const notBefore = readTime(reader.next(WHAT), `${WHAT} notBefore`);
  const notAfter = readTime(reader.next(WHAT), `${WHAT} notAfter`);
  reader.finish(`${WHAT} validity`);
  return { notBefore, notAfter };
}

function readWrappedExtensions(wrapper: Tlv): Extension[] {
  const reader = wrapper.open(`${WHAT} extensions`);
  const list = readExtensions(reader);
  reader.finish(`${WHAT} extensions`);
  return list;
}
