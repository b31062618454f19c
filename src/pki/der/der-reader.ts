import { DerError } from './der-error';

/** Deeper nesting than any structure of PKCS #10, X.509 or CMS needs; a request that exceeds it is an attack. */
export const MAX_DEPTH = 40;

/** One element, as positions in the bytes it was read from: nothing is copied until `raw` or `content` is asked for. */
export class Tlv {
  constructor(
    private readonly bytes: Buffer,
    private readonly start: number,
    private readonly contentStart: number,
    private readonly end: number,
    private readonly depth: number,
  ) {}

  /** The identifier octet. */
  get tag(): number {
    return this.bytes[this.start] as number;
  }

  /** Identifier, length and content: a view, not a copy. */
  get raw(): Buffer {
    return this.bytes.subarray(this.start, this.end);
  }

  /** The content octets: a view, not a copy. */
  get content(): Buffer {
    return this.bytes.subarray(this.contentStart, this.end);
  }

  /** Number of content octets. */
  get length(): number {
    return this.end - this.contentStart;
  }

  /** A reader over the elements inside; throws {@link DerError} for a primitive element. */
  open(what: string): DerReader {
    if ((this.tag & 0x20) === 0) throw new DerError(`${what}: primitive where a constructed element belongs`);
    return new DerReader(this.bytes, this.contentStart, this.end, this.depth + 1);
  }
}

/**
 * A strict cursor over consecutive DER elements (X.690 section 10): definite and minimal lengths, single-octet tags,
 * no element that reaches beyond its parent, no nesting beyond {@link MAX_DEPTH}. It copies nothing.
 */
export class DerReader {
  private position: number;

  /**
   * @param bytes where to read
   * @param start offset of the first element
   * @param end offset behind the last element
   */
  constructor(
    private readonly bytes: Buffer,
    start = 0,
    private readonly end = bytes.length,
    private readonly depth = 0,
  ) {
    if (depth > MAX_DEPTH) throw new DerError('nested too deeply');
    this.position = start;
  }

  /** Whether everything was read. */
  get atEnd(): boolean {
    return this.position >= this.end;
  }

  /** Identifier octet of the next element; undefined at the end. */
  peekTag(): number | undefined {
    return this.position < this.end ? this.bytes[this.position] : undefined;
  }

  /** The next element whatever its tag. */
  next(what: string): Tlv {
    const { bytes, end } = this;
    const start = this.position;
    if (start + 2 > end) throw new DerError(`${what}: bytes end too early`);
    if (((bytes[start] as number) & 0x1f) === 0x1f) throw new DerError(`${what}: multi-octet tag`);
    const first = bytes[start + 1] as number;
    let contentStart = start + 2;
    let length = first;
    if (first >= 0x80) {
      const octets = first & 0x7f;
      if (octets === 0) throw new DerError(`${what}: indefinite length`);
      if (octets > 4) throw new DerError(`${what}: length too large`);
      if (contentStart + octets > end) throw new DerError(`${what}: bytes end too early`);
      length = 0;
      for (let i = 0; i < octets; i++) length = length * 256 + (bytes[contentStart + i] as number);
      if (length < 0x80 || (bytes[contentStart] as number) === 0) throw new DerError(`${what}: length is not minimal`);
      contentStart += octets;
    }
    if (contentStart + length > end) throw new DerError(`${what}: element reaches beyond its parent`);
    this.position = contentStart + length;
    return new Tlv(bytes, start, contentStart, this.position, this.depth);
  }

  /** The next element, which must have this tag. */
  expect(tag: number, what: string): Tlv {
    if (this.peekTag() !== tag) throw new DerError(`${what}: expected tag 0x${tag.toString(16)}`);
    return this.next(what);
  }

  /** The next element if it has this tag. */
  optional(tag: number, what: string): Tlv | undefined {
    return this.peekTag() === tag ? this.next(what) : undefined;
  }

  /** A reader over the content of the next element, which must be constructed and have this tag. */
  enter(tag: number, what: string): DerReader {
    return this.expect(tag, what).open(what);
  }

  /** All remaining elements; more than `max` is an error. */
  rest(max: number, what: string): Tlv[] {
    const elements: Tlv[] = [];
    while (!this.atEnd) {
      if (elements.length === max) throw new DerError(`${what}: more than ${max} elements`);
      elements.push(this.next(what));
    }
    return elements;
  }

  /** Throws {@link DerError} unless everything was read. */
  finish(what: string): void {
    if (!this.atEnd) throw new DerError(`${what}: trailing elements`);
  }
}

/** The one element that `bytes` consist of; anything behind it is an error. */
export function readOnly(bytes: Buffer, tag: number, what: string): Tlv {
  const reader = new DerReader(bytes);
  const element = reader.expect(tag, what);
  reader.finish(what);
  return element;
}
