import { bitString, contextConstructed, element, sequence, time, unsignedInteger } from '../der/der-writer';
import { Tag } from '../der/tag';
import type { DigestName } from './digest-name';
import type { DistinguishedName } from './distinguished-name';
import { extension, type Extension } from './extension';
import { Oid } from './oid';
import { signatureAlgorithm } from './signature-algorithm';
import type { SigningKey } from './signing-key';

/** What a CRL says besides its entries. */
export interface CertificateListContent {
  readonly issuer: DistinguishedName;
  /** Whole seconds. */
  readonly thisUpdate: Date;
  readonly nextUpdate: Date;
  /** cRLNumber. */
  readonly number: bigint;
  /** DER of the authorityKeyIdentifier extension. */
  readonly authorityKeyIdentifier: Buffer;
  /** The issuer's key. */
  readonly signer: SigningKey;
  readonly digest: DigestName;
}

/** CRLReason numbers that are written; 0 (unspecified) is left out, as RFC 5280 section 5.3.1 recommends. */
const REASONS = [1, 2, 3, 4, 5, 6, 8, 9, 10] as const;

const VERSION_2 = unsignedInteger(1);
/** crlEntryExtensions with a reasonCode, by its number. */
const ENTRY_EXTENSIONS: ReadonlyMap<number, Buffer> = new Map(
  REASONS.map((reason) => {
    const value = element(Tag.ENUMERATED, Buffer.of(reason));
    return [reason, sequence(extension({ oid: Oid.reasonCode, critical: false, value }))];
  }),
);

const CHUNK_OCTETS = 1 << 20;

/**
 * Writes a version 2 CRL (RFC 5280 section 5.1). Entries are encoded as they are added and kept as octets, so that a
 * list of a million takes little more memory than its encoding.
 */
export class CertificateListBuilder {
  private readonly full: Buffer[] = [];
  private chunk = Buffer.alloc(0);
  private used = 0;
  private count = 0;
  /** The date of the last entry with its encoding: entries of one moment are many. */
  private lastDate: { readonly milliseconds: number; readonly encoded: Buffer } | undefined;

  /** Number of entries. */
  get entries(): number {
    return this.count;
  }

  /**
   * Adds an entry.
   *
   * @param serialNumber big-endian magnitude
   * @param revokedAt milliseconds since 1970; parts of a second are dropped
   * @param reason CRLReason number
   */
  add(serialNumber: Buffer, revokedAt: number, reason: number): void {
    const serial = unsignedInteger(serialNumber);
    const date = this.date(revokedAt);
    const reasons = ENTRY_EXTENSIONS.get(reason);
    this.append(reasons === undefined ? sequence(serial, date) : sequence(serial, date, reasons));
    this.count += 1;
  }

  /** Signs the list. DER of the CertificateList. */
  async sign(content: CertificateListContent): Promise<Buffer> {
    const { signer, digest } = content;
    const algorithm = signatureAlgorithm(signer.publicKey.type, digest);
    const number: Extension = {
      oid: Oid.cRLNumber,
      critical: false,
      value: unsignedInteger(magnitude(content.number)),
    };
    const tbs = sequence(
      VERSION_2,
      algorithm,
      content.issuer.raw,
      time(content.thisUpdate),
      time(content.nextUpdate),
      ...this.revokedCertificates(),
      contextConstructed(0, sequence(content.authorityKeyIdentifier, extension(number))),
    );
    const signature = bitString(await signer.sign(digest, tbs));
    return sequence(tbs, algorithm, signature);
  }

  /** The SEQUENCE of all entries in pieces, its header first. It is absent where it would be empty (section 5.1.2.6). */
  private revokedCertificates(): Buffer[] {
    if (this.count === 0) return [];
    const pieces = [...this.full, this.chunk.subarray(0, this.used)];
    return [sequenceHeader(pieces.reduce((sum, piece) => sum + piece.length, 0)), ...pieces];
  }

  private append(entry: Buffer): void {
    if (this.used + entry.length > this.chunk.length) {
      if (this.used > 0) this.full.push(this.chunk.subarray(0, this.used));
      this.chunk = Buffer.allocUnsafe(CHUNK_OCTETS);
      this.used = 0;
    }
    this.used += entry.copy(this.chunk, this.used);
  }

  private date(milliseconds: number): Buffer {
    if (this.lastDate?.milliseconds !== milliseconds)
      this.lastDate = { milliseconds, encoded: time(new Date(milliseconds)) };
    return this.lastDate.encoded;
  }
}

function sequenceHeader(length: number): Buffer {
  if (length < 0x80) return Buffer.of(Tag.SEQUENCE, length);
  const octets = magnitude(BigInt(length));
  return Buffer.concat([Buffer.of(Tag.SEQUENCE, 0x80 | octets.length), octets]);
}

function magnitude(value: bigint): Buffer {
  const hex = value.toString(16);
  return Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex');
}
