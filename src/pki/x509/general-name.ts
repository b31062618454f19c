import { DerError } from '../der/der-error';
import { type DerReader, readOnly, type Tlv } from '../der/der-reader';
import { readOid, readString } from '../der/der-values';
import { contextConstructed, contextPrimitive, oid as encodeOid, sequence, utf8String } from '../der/der-writer';
import { contextConstructedTag, contextPrimitiveTag, Tag } from '../der/tag';
import { DistinguishedName } from './distinguished-name';
import { ipOctets, ipText } from './ip-address';
import { Oid } from './oid';

/** The forms of a GeneralName (RFC 5280 section 4.2.1.6) that have a text form. */
export const GENERAL_NAME_TYPES = ['dns', 'email', 'uri', 'ip', 'registeredID', 'directoryName', 'upn'] as const;

/** A GeneralName. */
export type GeneralName =
  | {
      readonly type: (typeof GENERAL_NAME_TYPES)[number];
      /**
       * dns, email (rfc822Name), uri: the text. ip: the address, IPv6 as in RFC 5952. registeredID: dotted.
       * directoryName: as {@link DistinguishedName.toString} writes it. upn: the user principal name (an otherName).
       */
      readonly value: string;
    }
  | {
      /** Any form without a text form: other otherNames, x400Address, ediPartyName. */
      readonly type: 'other';
      /** Hexadecimal digits of the DER of the whole GeneralName. */
      readonly value: string;
    };

const MAX_NAMES = 256;

const WHAT = 'general name';

const OTHER_NAME = contextConstructedTag(0);
const EMAIL = 1;
const DNS = 2;
const DIRECTORY_NAME = contextConstructedTag(4);
const URI = 6;
const IP = 7;
const REGISTERED_ID = 8;

/** Reads GeneralNames, such as the value of a subjectAltName. Throws `DerError`. */
export function readGeneralNames(value: Buffer): GeneralName[] {
  const list = readOnly(value, Tag.SEQUENCE, 'general names').open('general names');
  return list.rest(MAX_NAMES, 'general names').map(readGeneralName);
}

function readGeneralName(element: Tlv): GeneralName {
  switch (element.tag) {
    case contextPrimitiveTag(EMAIL):
      return { type: 'email', value: readAscii(element) };
    case contextPrimitiveTag(DNS):
      return { type: 'dns', value: readAscii(element) };
    case contextPrimitiveTag(URI):
      return { type: 'uri', value: readAscii(element) };
    case contextPrimitiveTag(IP):
      return { type: 'ip', value: ipText(element.content) };
    case contextPrimitiveTag(REGISTERED_ID):
      return { type: 'registeredID', value: readImplicitOid(element) };
    case DIRECTORY_NAME: {
      const reader = element.open(WHAT);
      const name = DistinguishedName.read(reader.next(WHAT));
      reader.finish(WHAT);
      return { type: 'directoryName', value: name.toString() };
    }
    case OTHER_NAME:
      return readOtherName(element);
    default:
      return other(element);
  }
}

const other = (element: Tlv): GeneralName => ({ type: 'other', value: element.raw.toString('hex') });

function readOtherName(element: Tlv): GeneralName {
  const reader = element.open(WHAT);
  const oid = readOid(reader.next(WHAT), WHAT);
  const value = reader.enter(contextConstructedTag(0), WHAT);
  reader.finish(WHAT);
  if (oid !== Oid.userPrincipalName) return other(element);
  return { type: 'upn', value: readUpn(value) };
}

function readUpn(reader: DerReader): string {
  const text = readString(reader.next(WHAT), WHAT);
  reader.finish(WHAT);
  return checkVisible(text);
}

/** Latin-1, for clients put umlauts there; nothing that could end the text for one reader and not for another. */
const readAscii = (element: Tlv): string => checkVisible(element.content.toString('latin1'));

/** A name with a NUL or another control character in it has only ever been an attempt to be taken for a shorter one. */
function checkVisible(text: string): string {
  if (/\p{Cc}/u.test(text)) throw new DerError(`${WHAT}: control character`);
  return text;
}

function readImplicitOid(element: Tlv): string {
  const universal = Buffer.from(element.raw);
  universal[0] = Tag.OBJECT_IDENTIFIER;
  return readOid(readOnly(universal, Tag.OBJECT_IDENTIFIER, WHAT), WHAT);
}

/** DER of GeneralNames, in the given order. Throws `DerError` for a value that its type cannot hold. */
export const generalNames = (list: readonly GeneralName[]): Buffer => sequence(...list.map(generalName));

/** DER of one GeneralName. Throws `DerError` for a value that its type cannot hold. */
export function generalName(name: GeneralName): Buffer {
  switch (name.type) {
    case 'email':
      return contextPrimitive(EMAIL, ascii(name.value));
    case 'dns':
      return contextPrimitive(DNS, ascii(name.value));
    case 'uri':
      return contextPrimitive(URI, ascii(name.value));
    case 'ip':
      return contextPrimitive(IP, ipOctets(name.value));
    case 'registeredID':
      return contextPrimitive(REGISTERED_ID, readOnly(encodeOid(name.value), Tag.OBJECT_IDENTIFIER, WHAT).content);
    case 'directoryName':
      return contextConstructed(4, DistinguishedName.parse(name.value).raw);
    case 'upn': {
      const value = contextConstructed(0, utf8String(checkVisible(name.value)));
      return contextConstructed(0, encodeOid(Oid.userPrincipalName), value);
    }
    case 'other':
      return Buffer.from(name.value, 'hex');
  }
}

function ascii(text: string): Buffer {
  if (text === '' || !/^[\x20-\x7e]*$/.test(text)) throw new DerError(`${WHAT}: not visible ASCII text`);
  return Buffer.from(text, 'latin1');
}
