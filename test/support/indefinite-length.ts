/** Content of a piece of a constructed string, in octets. */
const SEGMENT = 100;

/**
 * The same structure in BER: every constructed element of indefinite length, every OCTET STRING of more than
 * {@link SEGMENT} octets in segments, as Bouncy Castle writes streams. Takes well-formed DER only.
 */
export function toIndefinite(der: Buffer): Buffer {
  return Buffer.concat(elements(der).map(({ tag, content }) => indefinite(tag, content)));
}

function indefinite(tag: number, content: Buffer): Buffer {
  const constructed = (tag & 0x20) !== 0;
  if (!constructed && (tag !== 0x04 || content.length <= SEGMENT)) return definite(tag, content);
  const inner = constructed ? toIndefinite(content) : Buffer.concat(segments(content));
  return Buffer.concat([Buffer.of(tag | 0x20, 0x80), inner, Buffer.of(0, 0)]);
}

function segments(content: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  for (let i = 0; i < content.length; i += SEGMENT) parts.push(definite(0x04, content.subarray(i, i + SEGMENT)));
  return parts;
}

/** With a length in four octets, which DER forbids for all that is short. */
function definite(tag: number, content: Buffer): Buffer {
  const header = Buffer.of(tag, 0x84, 0, 0, 0, 0);
  header.writeUInt32BE(content.length, 2);
  return Buffer.concat([header, content]);
}

function elements(der: Buffer): { tag: number; content: Buffer }[] {
  const found: { tag: number; content: Buffer }[] = [];
  for (let position = 0; position < der.length;) {
    const first = der[position + 1]!;
    const octets = first < 0x80 ? 0 : first & 0x7f;
    const start = position + 2 + octets;
    const length = octets === 0 ? first : der.readUIntBE(position + 2, octets);
    found.push({ tag: der[position]!, content: der.subarray(start, start + length) });
    position = start + length;
  }
  return found;
}
