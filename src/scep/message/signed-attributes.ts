import { readOid, readString, readTime } from '../../pki/der/der-values';
import type { Tlv } from '../../pki/der/der-reader';
import { DerError } from '../../pki/der/der-error';
import { Tag } from '../../pki/der/tag';
import type { Attribute } from '../../pki/cms/attribute';

/**
 * The signed attributes of one message, by type. RFC 8894 section 3.2.1 gives each of them one value; what comes twice is
 * read once and told by `doubled`, for a second value is how an attacker shows two readers two messages.
 */
export class SignedAttributes {
  private readonly byType = new Map<string, Attribute>();
  private readonly repeated = new Set<string>();

  constructor(attributes: readonly Attribute[]) {
    for (const attribute of attributes) {
      if (this.byType.has(attribute.type) || attribute.values.length > 1) this.repeated.add(attribute.type);
      if (!this.byType.has(attribute.type)) this.byType.set(attribute.type, attribute);
    }
  }

  /** Whether some attribute came twice, or with more than one value. */
  get doubled(): boolean {
    return this.repeated.size > 0;
  }

  /** The (first) value of an attribute; undefined if it is absent or has none. */
  value(type: string): Tlv | undefined {
    return this.byType.get(type)?.values[0];
  }

  /** Text of a PrintableString attribute, or of any other string type; undefined if absent or no string. */
  text(type: string): string | undefined {
    return readOrUndefined(this.value(type), (value) => readString(value, 'attribute'));
  }

  /** Content of an OCTET STRING attribute; undefined if absent or of another type. */
  octets(type: string): Buffer | undefined {
    const value = this.value(type);
    return value?.tag === Tag.OCTET_STRING ? value.content : undefined;
  }

  /** Dotted text of an OBJECT IDENTIFIER attribute; undefined if absent or of another type. */
  oid(type: string): string | undefined {
    return readOrUndefined(this.value(type), (value) => readOid(value, 'attribute'));
  }

  /** A time attribute; undefined if absent or no time: devices without a clock write anything. */
  time(type: string): Date | undefined {
    return readOrUndefined(this.value(type), (value) => readTime(value, 'attribute'));
  }
}

function readOrUndefined<T>(value: Tlv | undefined, read: (value: Tlv) => T): T | undefined {
  if (value === undefined) return undefined;
  try {
    return read(value);
  } catch (error) {
    if (error instanceof DerError) return undefined;
    throw error;
  }
}
