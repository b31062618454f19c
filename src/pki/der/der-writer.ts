import { DerError } from './der-error';
import { contextConstructedTag, contextPrimitiveTag, Tag } from './tag';

/** Every function here returns one complete DER element, tag and length included. */

function header(tag: number, length: number): Buffer {
  if (length < 0x80) return Buffer.from([tag, length]);
  if (length < 0x100) return Buffer.from([tag, 0x81, length]);
  if (length < 0x10000) return Buffer.from([tag, 0x82, length >> 8, length & 0xff]);
  if (length < 0x1000000) return Buffer.from([tag, 0x83, length >> 16, (length >> 8) & 0xff, length & 0xff]);
  return Buffer.from([tag, 0x84, length >>> 24, (length >> 16) & 0xff, (length >> 8) & 0xff, length & 0xff]);
}

/** An element with this identifier octet and these content parts. */
export function element(tag: number, ...parts: readonly Buffer[]): Buffer {
  let length = 0;
  for (const part of parts) length += part.length;
  return Buffer.concat([header(tag, length), ...parts]);
}

/** SEQUENCE or SEQUENCE OF. */
export const sequence = (...parts: readonly Buffer[]): Buffer => element(Tag.SEQUENCE, ...parts);

/** SET OF in DER order (X.690 section 11.6). */
export const setOf = (parts: readonly Buffer[], tag: number = Tag.SET): Buffer =>
  element(tag, ...[...parts].sort((a, b) => a.compare(b)));

/** `[n]`, constructed. */
export const contextConstructed = (n: number, ...parts: readonly Buffer[]): Buffer =>
  element(contextConstructedTag(n), ...parts);

/** `[n]`, primitive. */
export const contextPrimitive = (n: number, content: Buffer): Buffer => element(contextPrimitiveTag(n), content);

const oidCache = new Map<string, Buffer>();
const OID_CACHE_LIMIT = 512;

/** OBJECT IDENTIFIER from its dotted text; throws {@link DerError} when the text is none. */
export function oid(text: string): Buffer {
  const known = oidCache.get(text);
  if (known !== undefined) return known;
  if (!/^[0-2](\.(0|[1-9]\d{0,38}))+$/.test(text)) throw new DerError('not an object identifier');
  const arcs = text.split('.').map(BigInt);
  const [top, second, ...others] = arcs as [bigint, bigint, ...bigint[]];
  if (top < 2n && second >= 40n) throw new DerError('not an object identifier');
  const octets: number[] = [];
  for (const arc of [top * 40n + second, ...others]) {
    const group = [Number(arc & 0x7fn)];
    for (let rest = arc >> 7n; rest > 0n; rest >>= 7n) group.unshift(Number(rest & 0x7fn) | 0x80);
    octets.push(...group);
  }
  const encoded = element(Tag.OBJECT_IDENTIFIER, Buffer.from(octets));
  if (oidCache.size < OID_CACHE_LIMIT) oidCache.set(text, encoded);
  return encoded;
}

/** INTEGER from big-endian two's complement content, which is made minimal first. */
export function integerFromContent(content: Buffer): Buffer {
  let start = 0;
  while (
    start < content.length - 1 &&
    ((content[start] === 0 && (content[start + 1] as number) < 0x80) ||
      (content[start] === 0xff && (content[start + 1] as number) >= 0x80))
  )
    start++;
  return element(Tag.INTEGER, content.length === 0 ? Buffer.of(0) : content.subarray(start));
}

/** Non-negative INTEGER from a big-endian magnitude or a small number. */
export function unsignedInteger(value: Buffer | number): Buffer {
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value) || value < 0) throw new DerError('not a non-negative integer');
    const hex = value.toString(16);
    return unsignedInteger(Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex'));
  }
  return integerFromContent(Buffer.concat([Buffer.of(0), value]));
}

/** OCTET STRING, primitive. */
export const octetString = (content: Buffer): Buffer => element(Tag.OCTET_STRING, content);

/** BIT STRING with `unusedBits` bits of the last byte not counting. */
export const bitString = (bytes: Buffer, unusedBits = 0): Buffer =>
  element(Tag.BIT_STRING, Buffer.of(unusedBits), bytes);

/**
 * BIT STRING of a named bit list (X.690 section 11.2.2: trailing zero bits go), from the numbers of the bits that are
 * set.
 */
export function namedBits(bits: readonly number[]): Buffer {
  if (bits.length === 0) return bitString(Buffer.alloc(0));
  const highest = Math.max(...bits);
  const bytes = Buffer.alloc((highest >> 3) + 1);
  for (const bit of bits) bytes[bit >> 3] = (bytes[bit >> 3] as number) | (0x80 >> (bit & 7));
  return bitString(bytes, 7 - (highest & 7));
}

/** NULL. */
export const NULL: Buffer = Buffer.from([Tag.NULL, 0]);

/** BOOLEAN. */
export const boolean = (value: boolean): Buffer => Buffer.from([Tag.BOOLEAN, 1, value ? 0xff : 0]);

const PRINTABLE = /^[A-Za-z0-9 '()+,\-./:=?]*$/;

/** Whether PrintableString can hold this text. */
export const isPrintable = (text: string): boolean => PRINTABLE.test(text);

/** UTF8String. */
export const utf8String = (text: string): Buffer => element(Tag.UTF8_STRING, Buffer.from(text, 'utf8'));

/** PrintableString; throws {@link DerError} for a character outside its alphabet. */
export function printableString(text: string): Buffer {
  if (!isPrintable(text)) throw new DerError('not a PrintableString');
  return element(Tag.PRINTABLE_STRING, Buffer.from(text, 'latin1'));
}

/** IA5String; throws {@link DerError} for a character above 0x7F. */
export function ia5String(text: string): Buffer {
  if (!/^[\x00-\x7f]*$/.test(text)) throw new DerError('not an IA5String');
  return element(Tag.IA5_STRING, Buffer.from(text, 'latin1'));
}

/**
 * UTCTime up to 2049, GeneralizedTime from 2050 on (RFC 5280 section 4.1.2.5); fractions of a second are dropped. Throws
 * {@link DerError} for an invalid date and for years outside 0 to 9999.
 */
export function time(value: Date): Buffer {
  if (!(value.getUTCFullYear() >= 0 && value.getUTCFullYear() <= 9999))
    throw new DerError('not a time of four-digit year');
  const digits = value
    .toISOString()
    .replace(/\.\d{3}/, '')
    .replace(/[-:T]/g, '');
  const year = value.getUTCFullYear();
  return year >= 1950 && year < 2050
    ? element(Tag.UTC_TIME, Buffer.from(digits.slice(2), 'latin1'))
    : element(Tag.GENERALIZED_TIME, Buffer.from(digits, 'latin1'));
}
