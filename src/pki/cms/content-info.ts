import { DerError } from '../der/der-error';
import { readOnly, type Tlv } from '../der/der-reader';
import { readOid } from '../der/der-values';
import { contextConstructed, oid, sequence } from '../der/der-writer';
import { contextConstructedTag, Tag } from '../der/tag';
import { normaliseBer } from '../der/ber';

/**
 * The content of a ContentInfo (RFC 5652 section 3) of this type.
 *
 * @throws DerError when the bytes are none, or one of another type
 */
export function readContentInfo(bytes: Buffer, contentType: string, what: string): Tlv {
  const reader = readOnly(bytes, Tag.SEQUENCE, what).open(what);
  if (readOid(reader.next(what), what) !== contentType) throw new DerError(`${what}: content of another type`);
  const content = reader.enter(contextConstructedTag(0), what);
  reader.finish(what);
  const element = content.expect(Tag.SEQUENCE, what);
  content.finish(what);
  return element;
}

/** DER of a ContentInfo. */
export const contentInfo = (contentType: string, content: Buffer): Buffer =>
  sequence(oid(contentType), contextConstructed(0, content));

/** Some hundred are in a message. Each costs time, and anyone may send one. */
const MAX_ELEMENTS = 10_000;

/**
 * Reads bytes that ought to be DER: as they are, and if that fails once more after their BER was normalised (indefinite
 * lengths and constructed strings, as Apple and Bouncy Castle send).
 *
 * @param maxElements more elements in BER are refused
 */
export function readDerOrBer<T>(bytes: Buffer, read: (der: Buffer) => T, maxElements = MAX_ELEMENTS): T {
  try {
    return read(bytes);
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
  }
  return read(normaliseBer(bytes, maxElements));
}
