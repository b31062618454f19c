import { DerError } from '../der/der-error';
import { readOnly, type Tlv } from '../der/der-reader';
import { isStringTag, readString } from '../der/der-values';
import { ia5String, isPrintable, printableString, utf8String } from '../der/der-writer';
import { Tag } from '../der/tag';
import { attributeTypeByOid } from './attribute-type';

/** One attribute of a name: its type and value (X.501 AttributeTypeAndValue). */
export interface NameAttribute {
  /** Dotted object identifier of the type. */
  readonly oid: string;
  /** The text of the value; for a value that is no character string, `#` and the hexadecimal digits of its DER. */
  readonly value: string;
  /** Whether `value` is text; false where it is the hexadecimal form. */
  readonly isText: boolean;
  /** DER of the value. */
  readonly raw: Buffer;
}

/** Reads the value of an attribute; any element is one. */
export function readAttributeValue(oid: string, element: Tlv): NameAttribute {
  const text = isStringTag(element.tag) ? lenientText(element) : undefined;
  const raw = element.raw;
  return { oid, value: text ?? `#${raw.toString('hex')}`, isText: text !== undefined, raw };
}

/**
 * Devices write Latin-1 into UTF8String and cut BMPString in halves; that shall not keep the whole name from being read.
 */
function lenientText(element: Tlv): string | undefined {
  try {
    return readString(element, 'name attribute');
  } catch {
    return element.tag === Tag.UTF8_STRING ? element.content.toString('latin1') : undefined;
  }
}

/** The attribute with this text as its value, in the string type that belongs to its type. */
export function textAttribute(oid: string, value: string): NameAttribute {
  return { oid, value, isText: true, raw: encodeText(oid, value) };
}

/** The attribute whose value is given in DER (one complete element). */
export function derAttribute(oid: string, raw: Buffer): NameAttribute {
  return readAttributeValue(oid, readOnly(raw, raw[0] ?? 0, 'name attribute'));
}

function encodeText(oid: string, text: string): Buffer {
  const type = attributeTypeByOid(oid);
  switch (type?.encoding) {
    case 'printable':
      if (!/^[A-Za-z]{2}$/.test(text)) throw new DerError(`distinguished name: ${type.label} is not two letters`);
      return printableString(text);
    case 'printableOrUtf8':
      return isPrintable(text) ? printableString(text) : utf8String(text);
    case 'ia5':
      if (!isAscii(text)) throw new DerError(`distinguished name: ${type.label} may hold ASCII characters only`);
      return ia5String(text);
    case 'ia5OrUtf8':
      return isAscii(text) ? ia5String(text) : utf8String(text);
    case 'utf8':
    case undefined:
      return utf8String(text);
  }
}

const isAscii = (text: string): boolean => /^[\x00-\x7f]*$/.test(text);
