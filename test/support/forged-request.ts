import { createPublicKey, type KeyObject, sign } from 'node:crypto';
import { CertificationRequest } from '../../src/pki/x509/certification-request';
import { attribute, tlv } from './forged-message';

/*
 * Makes certification requests that our builder does not make: names and passwords in any string type, extensions in any
 * attribute. It shares nothing with the builder.
 */

const oid = (hex: string): Buffer => tlv(0x06, Buffer.from(hex, 'hex'));

/** DER of the object identifiers that a request needs. */
export const REQUEST_OIDS = {
  commonName: oid('550403'),
  organizationName: oid('55040a'),
  challengePassword: oid('2a864886f70d010907'),
  extensionRequest: oid('2a864886f70d01090e'),
  microsoftCertificateExtensions: oid('2b06010401823702010e'),
  verisignExtensionRequest: oid('6086480186f845010908'),
  osVersion: oid('2b0601040182370d0203'),
  subjectAltName: oid('551d11'),
} as const;

const SHA256_WITH_RSA = tlv(0x30, oid('2a864886f70d01010b'), Buffer.of(5, 0));

/** The character string types that clients use, by their names, each with its encoder. */
export const STRING_TYPES: Readonly<Record<string, (text: string) => Buffer>> = {
  PrintableString: (text) => tlv(0x13, Buffer.from(text, 'latin1')),
  UTF8String: (text) => tlv(0x0c, Buffer.from(text, 'utf8')),
  IA5String: (text) => tlv(0x16, Buffer.from(text, 'latin1')),
  T61String: (text) => tlv(0x14, Buffer.from(text, 'latin1')),
  BMPString: (text) => tlv(0x1e, Buffer.from(text, 'utf16le').swap16()),
  UniversalString: (text) => tlv(0x1c, Buffer.from(text, 'utf16le').swap16().reduce(widened, Buffer.alloc(0))),
};

/** Each pair of octets of UTF-16 becomes four of UTF-32: enough for the characters of these tests. */
const widened = (text: Buffer, octet: number, at: number): Buffer =>
  Buffer.concat([text, at % 2 === 0 ? Buffer.of(0, 0, octet) : Buffer.of(octet)]);

/** DER of a Name with one attribute for each RDN. */
export const nameOf = (...attributes: readonly (readonly [Buffer, Buffer])[]): Buffer =>
  tlv(0x30, ...attributes.map(([type, value]) => tlv(0x31, tlv(0x30, type, value))));

/** An Extensions value with one extension, which is not critical. */
export const extensionsWith = (type: Buffer, value: Buffer): Buffer => tlv(0x30, tlv(0x30, type, tlv(4, value)));

/** A request for an RSA key with this subject and these attributes, in this order. */
export function forgeRequest(key: KeyObject, subject: Buffer, attributes: readonly Buffer[]): CertificationRequest {
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
  const info = tlv(0x30, Buffer.of(2, 1, 0), subject, spki, tlv(0xa0, ...attributes));
  const signature = sign('sha256', info, key);
  return CertificationRequest.read(tlv(0x30, info, SHA256_WITH_RSA, tlv(3, Buffer.of(0), signature)));
}

/** The challengePassword attribute with this value. */
export const challengeOf = (value: Buffer): Buffer => attribute(REQUEST_OIDS.challengePassword, value);
