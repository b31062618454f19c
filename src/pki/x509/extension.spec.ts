import * as asn1js from 'asn1js';
import { BasicConstraints, ExtKeyUsage } from 'pkijs';

import { DerError } from '../der/der-error';
import { DerReader } from '../der/der-reader';
import { boolean, namedBits, octetString, oid, sequence, unsignedInteger } from '../der/der-writer';
import {
  authorityKeyIdentifier,
  basicConstraints,
  extendedKeyUsage,
  extension,
  extensions,
  KEY_USAGE_BITS,
  keyUsage,
  readAuthorityKeyIdentifier,
  readBasicConstraints,
  readExtendedKeyUsage,
  readExtensions,
  readKeyUsage,
  readSubjectKeyIdentifier,
  subjectAltName,
} from './extension';
import { readGeneralNames } from './general-name';
import { Oid } from './oid';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

describe('extensions', () => {
  const list = [
    keyUsage(['digitalSignature', 'keyEncipherment']),
    extendedKeyUsage([Oid.clientAuth]),
    basicConstraints(false),
    authorityKeyIdentifier(hex('0102')),
    subjectAltName([{ type: 'dns', value: 'a' }], true),
  ];

  it('come back in their order, from bytes and from a reader', () => {
    expect(readExtensions(extensions(list))).toEqual(list);
    expect(readExtensions(new DerReader(extensions(list)))).toEqual(list);
    expect(readExtensions(extensions([]))).toEqual([]);
  });

  it('leave out the default of critical, and accept it', () => {
    expect(extension({ oid: '1.2.3', critical: false, value: hex('0500') })).toEqual(
      sequence(oid('1.2.3'), octetString(hex('0500'))),
    );
    const explicit = sequence(sequence(oid('1.2.3'), boolean(false), octetString(hex('0500'))));
    expect(readExtensions(explicit)).toEqual([{ oid: '1.2.3', critical: false, value: hex('0500') }]);
  });

  it.each([
    ['an extension twice', extensions([basicConstraints(true), basicConstraints(false)])],
    [
      '101 extensions',
      extensions(Array.from({ length: 101 }, (_, i) => ({ oid: `1.2.${i}`, critical: false, value: hex('') }))),
    ],
    ['no value', sequence(sequence(oid('1.2.3')))],
    ['something behind the value', sequence(sequence(oid('1.2.3'), octetString(hex('')), boolean(true)))],
    ['no SEQUENCE', octetString(hex(''))],
    ['a member that is no SEQUENCE', sequence(octetString(hex('')))],
  ])('refuse %s', (_, der) => {
    expect(() => readExtensions(der)).toThrow(DerError);
  });
});

describe('keyUsage', () => {
  it('has the bits of RFC 5280 section 4.2.1.3', () => {
    expect(keyUsage(['digitalSignature', 'keyEncipherment']).value).toEqual(hex('03 02 05 a0'));
    expect(keyUsage(['keyCertSign', 'cRLSign']).value).toEqual(hex('03 02 01 06'));
    expect(keyUsage(['decipherOnly']).value).toEqual(hex('03 03 07 00 80'));
    for (const bit of KEY_USAGE_BITS) expect([...readKeyUsage(keyUsage([bit]).value)]).toEqual([bit]);
    expect([...readKeyUsage(keyUsage(KEY_USAGE_BITS).value)]).toEqual([...KEY_USAGE_BITS]);
    expect(keyUsage([]).critical).toBe(true);
  });

  it('passes over bits that have no name', () => {
    expect([...readKeyUsage(namedBits([0, 9, 20]))]).toEqual(['digitalSignature']);
    expect([...readKeyUsage(hex('03 01 00'))]).toEqual([]);
  });

  it('is a BIT STRING', () => {
    expect(() => readKeyUsage(hex('04 01 80'))).toThrow(DerError);
  });
});

describe('extKeyUsage', () => {
  it('comes back, and PKI.js reads it', () => {
    const { value } = extendedKeyUsage([Oid.clientAuth, Oid.serverAuth]);
    expect(readExtendedKeyUsage(value)).toEqual([Oid.clientAuth, Oid.serverAuth]);
    expect(new ExtKeyUsage({ schema: asn1js.fromBER(value).result }).keyPurposes).toEqual([
      Oid.clientAuth,
      Oid.serverAuth,
    ]);
    expect(() => readExtendedKeyUsage(sequence(boolean(true)))).toThrow(DerError);
  });
});

describe('basicConstraints', () => {
  it.each([
    [true, undefined],
    [true, 0],
    [true, 3],
    [false, undefined],
  ])('ca %s with path length %s comes back, and PKI.js reads it', (ca, pathLength) => {
    const { value, critical } = basicConstraints(ca, pathLength);
    expect(critical).toBe(true);
    expect(readBasicConstraints(value)).toEqual({ ca, pathLength });
    const theirs = new BasicConstraints({ schema: asn1js.fromBER(value).result });
    expect([theirs.cA, theirs.pathLenConstraint]).toEqual([ca, pathLength]);
  });

  it('writes no path length for what is no CA (RFC 5280 section 4.2.1.9)', () => {
    expect(basicConstraints(false, 2).value).toEqual(hex('30 00'));
  });

  it('accepts the explicit FALSE that clients send', () => {
    expect(readBasicConstraints(sequence(boolean(false)))).toEqual({ ca: false, pathLength: undefined });
  });

  it.each([
    ['a BOOLEAN of BER', hex('30 03 01 01 01')],
    ['a negative path length', hex('30 06 01 01 ff 02 01 ff')],
    ['more', sequence(boolean(true), unsignedInteger(1), unsignedInteger(1))],
  ])('refuses %s', (_, value) => {
    expect(() => readBasicConstraints(value)).toThrow(DerError);
  });
});

describe('key identifiers', () => {
  it('of the authority, with and without', () => {
    expect(readAuthorityKeyIdentifier(authorityKeyIdentifier(hex('0102')).value)).toEqual(hex('0102'));
    expect(readAuthorityKeyIdentifier(hex('30 03 82 01 05'))).toBeUndefined();
  });

  it('of the subject is an OCTET STRING', () => {
    expect(readSubjectKeyIdentifier(hex('04 02 01 02'))).toEqual(hex('0102'));
    expect(() => readSubjectKeyIdentifier(hex('03 02 01 02'))).toThrow(DerError);
  });
});

describe('subjectAltName', () => {
  it('holds general names', () => {
    const { value, critical } = subjectAltName([{ type: 'dns', value: 'a' }], true);
    expect([readGeneralNames(value), critical]).toEqual([[{ type: 'dns', value: 'a' }], true]);
  });
});
