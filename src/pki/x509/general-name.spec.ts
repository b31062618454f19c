import * as asn1js from 'asn1js';
import { GeneralNames } from 'pkijs';

import { DerError } from '../der/der-error';
import { contextConstructed, contextPrimitive, oid, sequence, utf8String } from '../der/der-writer';
import { type GeneralName, generalNames, readGeneralNames } from './general-name';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

const ALL: GeneralName[] = [
  { type: 'dns', value: 'r1.example.com' },
  { type: 'email', value: 'a@example.com' },
  { type: 'uri', value: 'urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6' },
  { type: 'ip', value: '10.0.0.1' },
  { type: 'ip', value: '2001:db8::1' },
  { type: 'registeredID', value: '1.2.3.4' },
  { type: 'directoryName', value: 'CN=a\\, b,C=SE' },
  { type: 'upn', value: 'user@exämple.com' },
];

describe('general names', () => {
  it('come back', () => {
    expect(readGeneralNames(generalNames(ALL))).toEqual(ALL);
  });

  it('are read by PKI.js with the same values', () => {
    const { names } = new GeneralNames({ schema: asn1js.fromBER(generalNames(ALL)).result });
    expect(names.map(({ type }) => type)).toEqual([2, 1, 6, 7, 7, 8, 4, 0]);
    expect(names.slice(0, 3).map(({ value }) => value as string)).toEqual(ALL.slice(0, 3).map(({ value }) => value));
    expect(Buffer.from((names[4]!.value as asn1js.OctetString).getValue()).toString('hex')).toBe(
      '20010db8000000000000000000000001',
    );
  });

  it('keeps forms without a text form as they are', () => {
    const other = contextConstructed(0, oid('1.3.6.1.5.5.7.8.4'), contextConstructed(0, utf8String('serial')));
    const list = readGeneralNames(sequence(other));
    expect(list).toEqual([{ type: 'other', value: other.toString('hex') }]);
    expect(generalNames(list)).toEqual(sequence(other));
  });

  it.each([
    ['0.0.0.0', '00000000'],
    ['255.255.255.255', 'ffffffff'],
    ['::', '00000000000000000000000000000000'],
    ['::1', '00000000000000000000000000000001'],
    ['1::', '00010000000000000000000000000000'],
    ['1:2:3:4:5:6:7:8', '00010002000300040005000600070008'],
  ])('the address %s is %s', (value, octets) => {
    expect(
      generalNames([{ type: 'ip', value }])
        .subarray(4)
        .toString('hex'),
    ).toBe(octets);
    expect(readGeneralNames(sequence(contextPrimitive(7, hex(octets))))).toEqual([{ type: 'ip', value }]);
  });

  it('writes IPv6 as RFC 5952 does', () => {
    const [name] = readGeneralNames(generalNames([{ type: 'ip', value: '2001:0DB8:0:0:1:0:0:1' }]));
    expect(name!.value).toBe('2001:db8::1:0:0:1');
    expect(generalNames([{ type: 'ip', value: '::ffff:1.2.3.4' }]).subarray(4)).toEqual(
      hex('00000000000000000000ffff01020304'),
    );
  });

  it.each<GeneralName>([
    { type: 'dns', value: '' },
    { type: 'dns', value: 'a\0.b' },
    { type: 'dns', value: 'ä.example' },
    { type: 'email', value: 'a\n@b' },
    { type: 'ip', value: '1.2.3' },
    { type: 'ip', value: 'fe80::1%eth0' },
    { type: 'ip', value: '10.0.0.0/8' },
    { type: 'ip', value: '01.2.3.4' },
    { type: 'registeredID', value: 'x' },
    { type: 'directoryName', value: 'nothing' },
    { type: 'upn', value: 'a\0b' },
  ])('cannot be written: %j', (name) => {
    expect(() => generalNames([name])).toThrow(DerError);
  });

  it.each([
    ['a NUL in a dNSName', sequence(contextPrimitive(2, Buffer.from('a\0.b')))],
    [
      'a NUL in a UPN',
      sequence(contextConstructed(0, oid('1.3.6.1.4.1.311.20.2.3'), contextConstructed(0, utf8String('\0')))),
    ],
    ['an address of five octets', sequence(contextPrimitive(7, Buffer.alloc(5)))],
    ['an address with a mask, which is for name constraints', sequence(contextPrimitive(7, Buffer.alloc(8)))],
    ['an otherName without a value', sequence(contextConstructed(0, oid('1.2.3')))],
    ['a broken registeredID', sequence(contextPrimitive(8, hex('80')))],
    ['a directoryName that is no Name', sequence(contextConstructed(4, sequence(sequence())))],
    ['257 names', sequence(...Array.from({ length: 257 }, () => contextPrimitive(2, Buffer.from('a'))))],
    ['no SEQUENCE', utf8String('a')],
  ])('cannot be read: %s', (_, der) => {
    expect(() => readGeneralNames(der)).toThrow(DerError);
  });
});
