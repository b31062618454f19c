import { DerError } from './der-error';
import type { Tlv } from './der-reader';
import { Tag } from './tag';

const oidCache = new Map<string, string>();
const OID_CACHE_LIMIT = 512;
const MAX_OID_OCTETS = 64;

/** Dotted text of an OBJECT IDENTIFIER. */
export function readOid(element: Tlv, what: string): string {
  if (element.tag !== Tag.OBJECT_IDENTIFIER) throw new DerError(`${what}: no OBJECT IDENTIFIER`);
  const content = element.content;
  const key = content.toString('latin1');
  const known = oidCache.get(key);
  if (known !== undefined) return known;
  const text = decodeOid(content, what);
  // Bounded, so that made-up identifiers cannot fill the memory.
  if (oidCache.size < OID_CACHE_LIMIT) oidCache.set(key, text);
  return text;
}

function decodeOid(content: Buffer, what: string): string {
  if (content.length === 0 || content.length > MAX_OID_OCTETS) throw new DerError(`${what}: bad OBJECT IDENTIFIER`);
  const arcs: bigint[] = [];
  let value = 0n;
  let inside = false;
  for (const octet of content) {
    if (!inside && octet === 0x80) throw new DerError(`${what}: OBJECT IDENTIFIER arc is not minimal`);
    value = (value << 7n) | BigInt(octet & 0x7f);
    inside = (octet & 0x80) !== 0;
    if (!inside) {
      if (arcs.length === 0) {
        const top = value < 80n ? value / 40n : 2n;
        arcs.push(top, value - top * 40n);
      } else arcs.push(value);
      value = 0n;
    }
  }
  if (inside) throw new DerError(`${what}: OBJECT IDENTIFIER ends within an arc`);
  return arcs.join('.');
}

/** Content octets of an INTEGER: big-endian two's complement, minimal, at least one octet. */
export function readInteger(element: Tlv, what: string): Buffer {
  if (element.tag !== Tag.INTEGER) throw new DerError(`${what}: no INTEGER`);
  const content = element.content;
  const first = content[0];
  const second = content[1];
  if (first === undefined) throw new DerError(`${what}: empty INTEGER`);
  if (second !== undefined && ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80)))
    throw new DerError(`${what}: INTEGER is not minimal`);
  return content;
}

/** A non-negative INTEGER below 2^31. */
export function readSmallInteger(element: Tlv, what: string): number {
  const content = readInteger(element, what);
  if (content.length > 4 || (content[0] as number) >= 0x80) throw new DerError(`${what}: INTEGER out of range`);
  return content.readUIntBE(0, content.length);
}

/** A BOOLEAN in DER: 0x00 or 0xFF. */
export function readBoolean(element: Tlv, what: string): boolean {
  const content = element.content;
  if (element.tag !== Tag.BOOLEAN || content.length !== 1) throw new DerError(`${what}: no BOOLEAN`);
  if (content[0] !== 0 && content[0] !== 0xff) throw new DerError(`${what}: BOOLEAN is not DER`);
  return content[0] === 0xff;
}

/** The bytes of a BIT STRING and how many bits of the last one do not count. */
export interface BitString {
  readonly unusedBits: number;
  readonly bytes: Buffer;
}

/** A primitive BIT STRING. */
export function readBitString(element: Tlv, what: string): BitString {
  const content = element.content;
  const unusedBits = content[0];
  if (element.tag !== Tag.BIT_STRING || unusedBits === undefined || unusedBits > 7)
    throw new DerError(`${what}: no BIT STRING`);
  if (content.length === 1 && unusedBits !== 0) throw new DerError(`${what}: no BIT STRING`);
  return { unusedBits, bytes: content.subarray(1) };
}

/** A BIT STRING of whole bytes, as keys and signatures are. */
export function readOctetAlignedBitString(element: Tlv, what: string): Buffer {
  const { unusedBits, bytes } = readBitString(element, what);
  if (unusedBits !== 0) throw new DerError(`${what}: BIT STRING is not octet aligned`);
  return bytes;
}

const STRING_TAGS: ReadonlySet<number> = new Set([
  Tag.UTF8_STRING,
  Tag.NUMERIC_STRING,
  Tag.PRINTABLE_STRING,
  Tag.T61_STRING,
  Tag.IA5_STRING,
  Tag.VISIBLE_STRING,
  Tag.UNIVERSAL_STRING,
  Tag.BMP_STRING,
]);

/** Whether this is one of the character string types that {@link readString} understands. */
export const isStringTag = (tag: number): boolean => STRING_TAGS.has(tag);

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Text of any character string type. T61String is read as Latin-1, which is what its writers mean (RFC 5280 appendix
 * B); the ASCII types are read as Latin-1 too, since clients put other characters there.
 */
export function readString(element: Tlv, what: string): string {
  const content = element.content;
  switch (element.tag) {
    case Tag.UTF8_STRING:
      try {
        return strictUtf8.decode(content);
      } catch (cause) {
        throw new DerError(`${what}: UTF8String is not UTF-8`, { cause });
      }
    case Tag.BMP_STRING: {
      if (content.length % 2 !== 0) throw new DerError(`${what}: BMPString of odd length`);
      return Buffer.from(content).swap16().toString('utf16le');
    }
    case Tag.UNIVERSAL_STRING: {
      if (content.length % 4 !== 0) throw new DerError(`${what}: UniversalString of bad length`);
      let text = '';
      for (let i = 0; i < content.length; i += 4) {
        const point = content.readUInt32BE(i);
        if (point > 0x10ffff) throw new DerError(`${what}: UniversalString out of range`);
        text += String.fromCodePoint(point);
      }
      return text;
    }
    case Tag.NUMERIC_STRING:
    case Tag.PRINTABLE_STRING:
    case Tag.T61_STRING:
    case Tag.IA5_STRING:
    case Tag.VISIBLE_STRING:
      return content.toString('latin1');
    default:
      throw new DerError(`${what}: no character string`);
  }
}

const UTC_TIME = /^(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})Z$/;
const GENERALIZED_TIME = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(?:\.\d+)?Z$/;

/** UTCTime (years 1950 to 2049, RFC 5280 section 4.1.2.5.1) or GeneralizedTime, in Zulu with seconds. */
export function readTime(element: Tlv, what: string): Date {
  const text = element.content.toString('latin1');
  const match = (element.tag === Tag.UTC_TIME ? UTC_TIME : GENERALIZED_TIME).exec(text);
  if (match === null || (element.tag !== Tag.UTC_TIME && element.tag !== Tag.GENERALIZED_TIME))
    throw new DerError(`${what}: no time`);
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const fullYear = element.tag === Tag.GENERALIZED_TIME ? year : year < 50 ? 2000 + year : 1900 + year;
  const time = new Date(0);
  time.setUTCFullYear(fullYear, month - 1, day);
  time.setUTCHours(hour, minute, second);
  const roundTrips = time.getUTCMonth() === month - 1 && time.getUTCDate() === day && time.getUTCHours() === hour;
  if (!roundTrips || minute > 59 || second > 59) throw new DerError(`${what}: no such time`);
  return time;
}
