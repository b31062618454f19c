import { DerError } from '../der/der-error';
import type { DerReader, Tlv } from '../der/der-reader';
import { readOid } from '../der/der-values';
import { oid, sequence, setOf } from '../der/der-writer';
import { Tag } from '../der/tag';

/** No message of SCEP needs more than a dozen. */
const MAX_ATTRIBUTES = 64;
const MAX_VALUES = 16;

/** Attribute (RFC 5652 section 5.3). */
export interface Attribute {
  /** Dotted object identifier. */
  readonly type: string;
  readonly values: readonly Tlv[];
}

/** Reads all attributes that follow in `reader`, in the order in which they came. */
export function readAttributes(reader: DerReader, what: string): Attribute[] {
  return reader.rest(MAX_ATTRIBUTES, what).map((element) => {
    if (element.tag !== Tag.SEQUENCE) throw new DerError(`${what}: no attribute`);
    const inner = element.open(what);
    const type = readOid(inner.next(what), what);
    const values = inner.enter(Tag.SET, what).rest(MAX_VALUES, what);
    inner.finish(what);
    return { type, values };
  });
}

/** DER of an attribute with one value. */
export const attribute = (type: string, value: Buffer): Buffer => sequence(oid(type), setOf([value]));
