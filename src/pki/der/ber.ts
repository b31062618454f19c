import { DerError } from './der-error';
import { MAX_DEPTH } from './der-reader';
import { element } from './der-writer';
import { Tag } from './tag';

/** A PKCS #12 file with a long chain has some thousand elements. */
const MAX_ELEMENTS = 50_000;
const MAX_LENGTH_OCTETS = 8;

const CLASS = 0xc0;
const CONSTRUCTED = 0x20;
const END_OF_CONTENTS = 0;

const WHAT = 'BER';

/** String types that BER may cut into segments (X.690 sections 8.6.4, 8.7.3 and 8.23). */
const SEGMENTED: ReadonlySet<number> = new Set([
  Tag.BIT_STRING,
  Tag.OCTET_STRING,
  Tag.UTF8_STRING,
  Tag.NUMERIC_STRING,
  Tag.PRINTABLE_STRING,
  Tag.T61_STRING,
  Tag.IA5_STRING,
  Tag.VISIBLE_STRING,
  Tag.UNIVERSAL_STRING,
  Tag.BMP_STRING,
]);

/** Tag, length form and place of one element. */
interface Header {
  readonly tag: number;
  readonly contentStart: number;
  /** Offset behind the content; undefined for the indefinite form. */
  readonly contentEnd: number | undefined;
}

/**
 * Writes one BER element anew as {@link DerReader} wants it: definite and minimal lengths, strings in one piece. The order
 * of a SET, BOOLEAN values and everything else that is no matter of length stay as received, and so does what is inside a
 * string: bytes that were DER come out unchanged, so that signatures over them hold. A context-specific element that
 * stands for a string in segments cannot be told from another and stays constructed. Throws `DerError` for what is no BER,
 * for more than one element, and beyond limits of depth and number.
 */
export function normaliseBer(bytes: Buffer, maxElements = MAX_ELEMENTS): Buffer {
  const normaliser = new BerNormaliser(bytes, maxElements);
  return normaliser.normalise();
}

class BerNormaliser {
  private position = 0;
  private elements = 0;

  constructor(
    private readonly bytes: Buffer,
    private readonly maxElements: number,
  ) {}

  normalise(): Buffer {
    const result = this.element(this.bytes.length, 0);
    if (this.position !== this.bytes.length) throw new DerError(`${WHAT}: trailing bytes`);
    return result;
  }

  /** Reads the element at the position, which ends before `limit`, and returns it rewritten. */
  private element(limit: number, depth: number): Buffer {
    const header = this.header(limit);
    if (header.tag === END_OF_CONTENTS) throw new DerError(`${WHAT}: end-of-contents out of place`);
    if (++this.elements > this.maxElements) throw new DerError(`${WHAT}: too many elements`);
    if (depth > MAX_DEPTH) throw new DerError(`${WHAT}: nested too deeply`);
    if ((header.tag & CONSTRUCTED) === 0) return this.primitive(header);
    const universal = header.tag & ~CONSTRUCTED;
    const parts = this.parts(header, limit, depth);
    if ((header.tag & CLASS) === 0 && SEGMENTED.has(universal)) return joinSegments(universal, parts);
    return element(header.tag, ...parts);
  }

  private primitive({ tag, contentStart, contentEnd }: Header): Buffer {
    if (contentEnd === undefined) throw new DerError(`${WHAT}: primitive element of indefinite length`);
    this.position = contentEnd;
    return element(tag, this.bytes.subarray(contentStart, contentEnd));
  }

  private parts({ contentStart, contentEnd }: Header, limit: number, depth: number): Buffer[] {
    const parts: Buffer[] = [];
    this.position = contentStart;
    if (contentEnd !== undefined) {
      while (this.position < contentEnd) parts.push(this.element(contentEnd, depth + 1));
      return parts;
    }
    while (!this.atEndOfContents(limit)) parts.push(this.element(limit, depth + 1));
    this.position += 2;
    return parts;
  }

  private atEndOfContents(limit: number): boolean {
    const { bytes, position } = this;
    if (position + 2 > limit) throw new DerError(`${WHAT}: end-of-contents is missing`);
    return bytes[position] === 0 && bytes[position + 1] === 0;
  }

  private header(limit: number): Header {
    const { bytes, position } = this;
    if (position + 2 > limit) throw new DerError(`${WHAT}: bytes end too early`);
    const tag = bytes[position] as number;
    if ((tag & 0x1f) === 0x1f) throw new DerError(`${WHAT}: multi-octet tag`);
    const first = bytes[position + 1] as number;
    if (first === 0x80) return { tag, contentStart: position + 2, contentEnd: undefined };
    const octets = first < 0x80 ? 0 : first & 0x7f;
    const contentStart = position + 2 + octets;
    if (octets > MAX_LENGTH_OCTETS || contentStart > limit) throw new DerError(`${WHAT}: bad length`);
    let length = first < 0x80 ? first : 0;
    for (let i = position + 2; i < contentStart; i++) length = length * 256 + (bytes[i] as number);
    if (length > limit - contentStart) throw new DerError(`${WHAT}: element reaches beyond its parent`);
    return { tag, contentStart, contentEnd: contentStart + length };
  }
}

/** One primitive string from its segments, which are normalised already and so primitive themselves. */
function joinSegments(tag: number, segments: readonly Buffer[]): Buffer {
  const contents = segments.map((segment) => {
    // X.690 section 8.23.6 makes the segments of a character string OCTET STRINGs; encoders repeat its own tag, too.
    if (segment[0] !== tag && (segment[0] !== Tag.OCTET_STRING || tag === Tag.BIT_STRING))
      throw new DerError(`${WHAT}: segment of another type`);
    return segment.subarray(headerLength(segment));
  });
  return tag === Tag.BIT_STRING ? joinBits(contents) : element(tag, ...contents);
}

/** Only the last segment may end within an octet. */
function joinBits(contents: readonly Buffer[]): Buffer {
  const last = contents.at(-1);
  for (const content of contents)
    if (content.length === 0 || (content !== last && content[0] !== 0)) throw new DerError(`${WHAT}: bad BIT STRING`);
  const unusedBits = last?.[0] ?? 0;
  return element(Tag.BIT_STRING, Buffer.of(unusedBits), ...contents.map((content) => content.subarray(1)));
}

/** Octets before the content of an element with a single-octet tag. */
const headerLength = (encoded: Buffer): number => {
  const first = encoded[1] as number;
  return first < 0x80 ? 2 : 2 + (first & 0x7f);
};
