import { tlv } from './forged-message';

/** An element of a DER tree that is to be changed. */
export interface DerElement {
  /** Tags from the root down to it, with the position among its siblings: `30.0/31.2/06.0`. */
  readonly path: string;
  readonly tag: number;
  /** Content octets. */
  readonly content: Buffer;
  /** The whole tree with other octets in the place of this element; the lengths around it fit. */
  readonly replaced: (element: Buffer) => Buffer;
}

/** All elements of a DER tree, the root first. It reads definite lengths only, and what is in strings it leaves closed. */
export function derElements(der: Buffer): DerElement[] {
  const found: DerElement[] = [];
  const visit = (bytes: Buffer, path: string, index: number, rebuild: (element: Buffer) => Buffer): void => {
    const { tag, content } = headOf(bytes);
    const here = `${path}${tag.toString(16).padStart(2, '0')}.${index}`;
    found.push({ path: here, tag, content, replaced: rebuild });
    if ((tag & 0x20) === 0) return;
    const children = split(content);
    children.forEach((child, i) => {
      visit(child, `${here}/`, i, (element) =>
        rebuild(tlv(tag, ...children.slice(0, i), element, ...children.slice(i + 1))),
      );
    });
  };
  visit(der, '', 0, (element) => element);
  return found;
}

/** A DER tree in which every element that consists of `from` is `to` instead. Throws where there is none. */
export function withElement(der: Buffer, from: Buffer, to: Buffer): Buffer {
  const element = derElements(der).find(({ tag, content }) => tlv(tag, content).equals(from));
  if (element === undefined) throw new Error('there is no such element');
  const replaced = element.replaced(to);
  return replaced.includes(from) && !to.includes(from) ? withElement(replaced, from, to) : replaced;
}

function headOf(bytes: Buffer): { tag: number; content: Buffer; length: number } {
  const first = bytes[1]!;
  const octets = first < 0x80 ? 0 : first & 0x7f;
  const length = octets === 0 ? first : bytes.readUIntBE(2, octets);
  const start = 2 + octets;
  return { tag: bytes[0]!, content: bytes.subarray(start, start + length), length: start + length };
}

function split(content: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  for (let at = 0; at < content.length;) {
    const { length } = headOf(content.subarray(at));
    parts.push(content.subarray(at, at + length));
    at += length;
  }
  return parts;
}
