import { createHash } from 'node:crypto';

import { DerError } from '../der/der-error';
import { DerReader, readOnly, type Tlv } from '../der/der-reader';
import { readBitString, readBoolean, readOid, readSmallInteger } from '../der/der-values';
import {
  boolean,
  contextConstructed,
  contextPrimitive,
  namedBits,
  octetString,
  oid as encodeOid,
  sequence,
  unsignedInteger,
} from '../der/der-writer';
import { contextConstructedTag, contextPrimitiveTag, Tag } from '../der/tag';
import { type GeneralName, generalNames } from './general-name';
import { Oid } from './oid';
import { PublicKey } from './public-key';

/** One extension of a certificate or of a certification request (RFC 5280 section 4.2). */
export interface Extension {
  /** Dotted object identifier. */
  readonly oid: string;
  readonly critical: boolean;
  /** What the extnValue OCTET STRING holds: DER by the extension's own definition, not looked at yet. */
  readonly value: Buffer;
}

const MAX_EXTENSIONS = 100;

/**
 * Reads Extensions: the bytes of the SEQUENCE, or the next element of a reader. Throws `DerError` for anything else and
 * for an extension that occurs twice (RFC 5280 section 4.2).
 */
export function readExtensions(source: DerReader | Buffer): Extension[] {
  const list =
    source instanceof DerReader
      ? source.enter(Tag.SEQUENCE, 'extensions')
      : readOnly(source, Tag.SEQUENCE, 'extensions').open('extensions');
  const seen = new Set<string>();
  return list.rest(MAX_EXTENSIONS, 'extensions').map((element) => {
    const extension = readExtension(element);
    if (seen.has(extension.oid)) throw new DerError('extensions: an extension occurs twice');
    seen.add(extension.oid);
    return extension;
  });
}

function readExtension(element: Tlv): Extension {
  if (element.tag !== Tag.SEQUENCE) throw new DerError('extension: no SEQUENCE');
  const reader = element.open('extension');
  const oid = readOid(reader.next('extension'), 'extension');
  const critical = reader.optional(Tag.BOOLEAN, 'extension');
  const value = reader.expect(Tag.OCTET_STRING, 'extension').content;
  reader.finish('extension');
  return { oid, critical: critical !== undefined && readBoolean(critical, 'extension'), value };
}

/** DER of one Extension. */
export function extension({ oid, critical, value }: Extension): Buffer {
  const wrapped = octetString(value);
  return critical ? sequence(encodeOid(oid), boolean(true), wrapped) : sequence(encodeOid(oid), wrapped);
}

/** DER of Extensions, in the given order. */
export const extensions = (list: readonly Extension[]): Buffer => sequence(...list.map(extension));

/** Names of the key usage bits (RFC 5280 section 4.2.1.3), in the order of their numbers. */
export const KEY_USAGE_BITS = [
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
] as const;

/** One of {@link KEY_USAGE_BITS}. */
export type KeyUsageBit = (typeof KEY_USAGE_BITS)[number];

/** keyUsage, critical as RFC 5280 section 4.2.1.3 wants it. */
export function keyUsage(bits: readonly KeyUsageBit[]): Extension {
  const value = namedBits(bits.map((bit) => KEY_USAGE_BITS.indexOf(bit)));
  return { oid: Oid.keyUsage, critical: true, value };
}

/** The bits of a keyUsage value; bits without a name are passed over. Throws `DerError`. */
export function readKeyUsage(value: Buffer): ReadonlySet<KeyUsageBit> {
  const { bytes } = readBitString(readOnly(value, Tag.BIT_STRING, 'keyUsage'), 'keyUsage');
  return new Set(KEY_USAGE_BITS.filter((_, bit) => (((bytes[bit >> 3] ?? 0) << (bit & 7)) & 0x80) !== 0));
}

/** extKeyUsage with these purposes (dotted object identifiers). */
export function extendedKeyUsage(purposes: readonly string[], critical = false): Extension {
  return { oid: Oid.extKeyUsage, critical, value: sequence(...purposes.map(encodeOid)) };
}

/** The purposes (dotted object identifiers) of an extKeyUsage value. Throws `DerError`. */
export function readExtendedKeyUsage(value: Buffer): string[] {
  const list = readOnly(value, Tag.SEQUENCE, 'extKeyUsage').open('extKeyUsage');
  return list.rest(MAX_EXTENSIONS, 'extKeyUsage').map((element) => readOid(element, 'extKeyUsage'));
}

/** What a basicConstraints value says. */
export interface BasicConstraints {
  readonly ca: boolean;
  /** How many intermediate certificates may follow; absent where there is no limit. */
  readonly pathLength?: number | undefined;
}

/** basicConstraints, critical. The path length is written for a CA only (RFC 5280 section 4.2.1.9). */
export function basicConstraints(ca: boolean, pathLength?: number): Extension {
  const parts = ca ? [boolean(true), ...(pathLength === undefined ? [] : [unsignedInteger(pathLength)])] : [];
  return { oid: Oid.basicConstraints, critical: true, value: sequence(...parts) };
}

/** Reads a basicConstraints value; an explicit FALSE, which DER forbids and clients send, is accepted. */
export function readBasicConstraints(value: Buffer): BasicConstraints {
  const reader = readOnly(value, Tag.SEQUENCE, 'basicConstraints').open('basicConstraints');
  const ca = reader.optional(Tag.BOOLEAN, 'basicConstraints');
  const pathLength = reader.optional(Tag.INTEGER, 'basicConstraints');
  reader.finish('basicConstraints');
  return {
    ca: ca !== undefined && readBoolean(ca, 'basicConstraints'),
    pathLength: pathLength === undefined ? undefined : readSmallInteger(pathLength, 'basicConstraints'),
  };
}

/** Key identifier of a public key: SHA-1 of its bits (RFC 5280 section 4.2.1.2, method 1), 20 bytes. */
export function keyIdentifier(spki: Buffer): Buffer {
  return createHash('sha1').update(PublicKey.read(spki).subjectPublicKey).digest();
}

/** subjectKeyIdentifier of this SubjectPublicKeyInfo. */
export function subjectKeyIdentifier(spki: Buffer): Extension {
  return { oid: Oid.subjectKeyIdentifier, critical: false, value: octetString(keyIdentifier(spki)) };
}

/** The key identifier in a subjectKeyIdentifier value. Throws `DerError`. */
export function readSubjectKeyIdentifier(value: Buffer): Buffer {
  return readOnly(value, Tag.OCTET_STRING, 'subjectKeyIdentifier').content;
}

/** authorityKeyIdentifier with the key identifier alone. */
export function authorityKeyIdentifier(keyId: Buffer): Extension {
  return { oid: Oid.authorityKeyIdentifier, critical: false, value: sequence(contextPrimitive(0, keyId)) };
}

/** The key identifier in an authorityKeyIdentifier value; undefined where it names issuer and serial number only. */
export function readAuthorityKeyIdentifier(value: Buffer): Buffer | undefined {
  const reader = readOnly(value, Tag.SEQUENCE, 'authorityKeyIdentifier').open('authorityKeyIdentifier');
  return reader.optional(contextPrimitiveTag(0), 'authorityKeyIdentifier')?.content;
}

/** subjectAltName; critical where the subject is empty (RFC 5280 section 4.2.1.6). */
export function subjectAltName(names: readonly GeneralName[], critical: boolean): Extension {
  return { oid: Oid.subjectAltName, critical, value: generalNames(names) };
}

/**
 * cRLDistributionPoints with one point: the URIs lead to the same CRL, which covers all reasons (RFC 5280 section
 * 4.2.1.13). Throws `DerError` for what is no visible ASCII text.
 */
export function crlDistributionPoints(uris: readonly string[]): Extension {
  const fullName = Buffer.from(generalNames(uris.map((value) => ({ type: 'uri', value }))));
  // Implicitly tagged: [0] takes the place of SEQUENCE.
  fullName[0] = contextConstructedTag(0);
  const point = sequence(contextConstructed(0, fullName));
  return { oid: Oid.cRLDistributionPoints, critical: false, value: sequence(point) };
}
