import { DerError } from '../der/der-error';
import { readOnly, type Tlv } from '../der/der-reader';
import { readOid } from '../der/der-values';
import { oid as encodeOid, sequence, setOf } from '../der/der-writer';
import { Tag } from '../der/tag';
import { type NameAttribute, readAttributeValue, textAttribute } from './attribute-value';
import { formatName, parseName } from './name-text';

const MAX_RDNS = 64;
const MAX_ATTRIBUTES_OF_RDN = 16;

/** Folding the case of a name takes some thousand times as long as sending it, so it is for names of a size that occurs. */
const MAX_FOLDED_OCTETS = 16_384;

const WHAT = 'distinguished name';

/** The attributes of one relative distinguished name, mostly one. */
export type RelativeName = readonly NameAttribute[];

/** A Name (RFC 5280 section 4.1.2.4): kept as it came, taken apart when asked. */
export class DistinguishedName {
  private cachedRdns: readonly RelativeName[] | undefined;
  private cachedNormalised: string | undefined;

  private constructor(
    /** DER of the Name, as it came. */
    readonly raw: Buffer,
  ) {}

  /**
   * The Name in this element or these bytes. Throws `DerError` unless it is a SEQUENCE; what is inside is looked at by the
   * first use of {@link rdns}.
   */
  static read(source: Tlv | Buffer): DistinguishedName {
    const element = Buffer.isBuffer(source) ? readOnly(source, Tag.SEQUENCE, WHAT) : source;
    if (element.tag !== Tag.SEQUENCE) throw new DerError(`${WHAT}: no SEQUENCE`);
    return new DistinguishedName(element.raw);
  }

  /**
   * The name that an administrator typed, for example `CN=User Usersson,O=PrimeKey,C=SE`; the encoding has the same order.
   * The notation is described at {@link parseName}. Empty text is the empty name. Throws `DerError`.
   */
  static parse(text: string): DistinguishedName {
    return DistinguishedName.ofAttributes(parseName(text));
  }

  /**
   * The name with these attributes, RDN by RDN: for values that come from elsewhere and must not be joined into text.
   * Throws `DerError` where a type cannot hold its value.
   */
  static of(rdns: readonly (readonly { readonly oid: string; readonly value: string }[])[]): DistinguishedName {
    return DistinguishedName.ofAttributes(rdns.map((rdn) => rdn.map(({ oid, value }) => textAttribute(oid, value))));
  }

  /** The name with these attributes, RDN by RDN, each encoded as it is. */
  static ofAttributes(rdns: readonly RelativeName[]): DistinguishedName {
    const encoded = rdns.map((rdn) => setOf(rdn.map(({ oid, raw }) => sequence(encodeOid(oid), raw))));
    return new DistinguishedName(sequence(...encoded));
  }

  /** The RDNs in the order of the encoding. Throws `DerError` when the bytes are no Name. */
  get rdns(): readonly RelativeName[] {
    return (this.cachedRdns ??= readRdns(this.raw));
  }

  /** This name, once it has proved to be one. Throws `DerError` when the bytes are no Name. */
  checked(): this {
    this.cachedRdns ??= readRdns(this.raw);
    return this;
  }

  /** Whether the name has no RDN at all. */
  get isEmpty(): boolean {
    return this.raw.length === 2;
  }

  /** The values of all attributes of this type, in order. */
  values(oid: string): string[] {
    return this.rdns.flatMap((rdn) => rdn.filter((attribute) => attribute.oid === oid).map(({ value }) => value));
  }

  /** The first value of this type; undefined where there is none. */
  first(oid: string): string | undefined {
    for (const rdn of this.rdns) for (const attribute of rdn) if (attribute.oid === oid) return attribute.value;
    return undefined;
  }

  /**
   * A text that is the same for names that RFC 5280 section 7.1 calls equal: letter case, runs of blanks, the string type
   * and the order within an RDN do not count. For comparing and for index columns, not for people. A name of more than 16 KiB is
   * the same as itself only.
   */
  get normalised(): string {
    return (this.cachedNormalised ??= this.normalisedWithout([]));
  }

  /** As {@link normalised}, without the attributes of these types. */
  normalisedWithout(oids: readonly string[]): string {
    if (this.raw.length > MAX_FOLDED_OCTETS) return `#${this.raw.toString('hex')}`;
    return this.rdns
      .map((rdn) => rdn.filter(({ oid }) => !oids.includes(oid)))
      .filter((rdn) => rdn.length > 0)
      .map((rdn) => rdn.map(normaliseAttribute).sort().join('+'))
      .join(',');
  }

  /** Whether both are the same name by RFC 5280 section 7.1. */
  equals(other: DistinguishedName): boolean {
    return this.raw.equals(other.raw) || this.normalised === other.normalised;
  }

  /** The notation of {@link parse}, with everything escaped that could not be seen or would mislead. */
  toString(): string {
    return formatName(this.rdns);
  }

  /** The beginning of {@link toString}: for names that strangers send, whose whole text could take long to make. */
  abridged(longest: number): string {
    return formatName(this.rdns, longest);
  }
}

function readRdns(raw: Buffer): RelativeName[] {
  const name = readOnly(raw, Tag.SEQUENCE, WHAT).open(WHAT);
  return name.rest(MAX_RDNS, WHAT).map((rdn) => {
    if (rdn.tag !== Tag.SET) throw new DerError(`${WHAT}: an RDN is no SET`);
    const attributes = rdn.open(WHAT).rest(MAX_ATTRIBUTES_OF_RDN, WHAT);
    if (attributes.length === 0) throw new DerError(`${WHAT}: an RDN is empty`);
    return attributes.map(readAttribute);
  });
}

function readAttribute(element: Tlv): NameAttribute {
  if (element.tag !== Tag.SEQUENCE) throw new DerError(`${WHAT}: an attribute is no SEQUENCE`);
  const reader = element.open(WHAT);
  const oid = readOid(reader.next(WHAT), WHAT);
  const attribute = readAttributeValue(oid, reader.next(WHAT));
  reader.finish(WHAT);
  return attribute;
}

function normaliseAttribute({ oid, value, isText }: NameAttribute): string {
  return isText ? `${oid}=${foldCase(value).replace(/[\\+,]/g, '\\$&')}` : `${oid}${value}`;
}

/**
 * A value as RFC 5280 section 7.1 compares it: without letter case and runs of blanks. Upper case first: it spells out what
 * has no single lower-case form, such as the sharp s.
 */
export function foldCase(value: string): string {
  const folded = value.normalize('NFKC').toUpperCase().toLowerCase();
  return folded.replace(/\s+/g, ' ').trim();
}
