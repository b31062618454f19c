import * as asn1js from 'asn1js';

import { DerError } from './der-error';
import { readOnly } from './der-reader';
import { readOid, readTime } from './der-values';
import {
  bitString,
  boolean,
  contextConstructed,
  contextPrimitive,
  element,
  ia5String,
  integerFromContent,
  namedBits,
  NULL,
  octetString,
  oid,
  printableString,
  sequence,
  setOf,
  time,
  unsignedInteger,
  utf8String,
} from './der-writer';
import { Tag } from './tag';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const oracle = (block: { toBER(): ArrayBuffer }): Buffer => Buffer.from(block.toBER());

describe('writing what asn1js writes', () => {
  it.each([0, 1, 127, 128, 255, 256, 65535, 65536])('an OCTET STRING of %d octets', (length) => {
    const content = Buffer.alloc(length, 0x5a);
    expect(octetString(content).equals(oracle(new asn1js.OctetString({ valueHex: content })))).toBe(true);
  });

  it('lengths of three and four octets', () => {
    expect(octetString(Buffer.alloc(2 ** 24 - 1)).subarray(0, 5)).toEqual(hex('04 83 ff ff ff'));
    expect(octetString(Buffer.alloc(2 ** 24)).subarray(0, 6)).toEqual(hex('04 84 01 00 00 00'));
  });

  it.each([0, 1, 127, 128, 255, 256, 32767, 32768, 2 ** 31])('the INTEGER %d', (value) => {
    expect(unsignedInteger(value)).toEqual(oracle(asn1js.Integer.fromBigInt(BigInt(value))));
  });

  it.each(['1.2.840.113549.1.9.7', '2.16.840.1.113733.1.9.2', '0.9.2342.19200300.100.1.25', '2.5.4.3'])(
    'the OBJECT IDENTIFIER %s',
    (text) => {
      expect(oid(text)).toEqual(oracle(new asn1js.ObjectIdentifier({ value: text })));
    },
  );

  it('strings, BOOLEAN, NULL, BIT STRING and nesting', () => {
    const ours = sequence(
      utf8String('é'),
      printableString("Ab 9'()+,-./:=?"),
      ia5String('a@b'),
      boolean(true),
      boolean(false),
      NULL,
      bitString(hex('a0'), 5),
      contextConstructed(0, unsignedInteger(5)),
      contextPrimitive(2, hex('00')),
    );
    const theirs = new asn1js.Sequence({
      value: [
        new asn1js.Utf8String({ value: 'é' }),
        new asn1js.PrintableString({ value: "Ab 9'()+,-./:=?" }),
        new asn1js.IA5String({ value: 'a@b' }),
        new asn1js.Boolean({ value: true }),
        new asn1js.Boolean({ value: false }),
        new asn1js.Null(),
        new asn1js.BitString({ valueHex: hex('a0'), unusedBits: 5 }),
        new asn1js.Constructed({
          idBlock: { tagClass: 3, tagNumber: 0 },
          value: [new asn1js.Integer({ value: 5 })],
        }),
        new asn1js.Primitive({ idBlock: { tagClass: 3, tagNumber: 2 }, valueHex: hex('00') }),
      ],
    });
    expect(ours).toEqual(oracle(theirs));
  });

  it('UTCTime', () => {
    const value = new Date('2026-11-21T01:04:37.999Z');
    const theirs = new asn1js.UTCTime({ valueDate: new Date('2026-11-21T01:04:37Z') });
    expect(time(value)).toEqual(oracle(theirs));
  });
});

describe('oid', () => {
  it.each(['', '1', '3.1', '1.40', '1.02', '1.2.', '1..2', '1.2.a', `1.2.${'9'.repeat(40)}`])('refuses %s', (text) => {
    expect(() => oid(text)).toThrow(DerError);
  });

  it.each(['0.39', '1.39', '2.999.1', '2.25.307139914271410914262883029523478189866'])('comes back: %s', (text) => {
    expect(readOid(readOnly(oid(text), Tag.OBJECT_IDENTIFIER, 'test'), 'test')).toBe(text);
  });
});

describe('setOf (X.690 section 11.6)', () => {
  it('sorts the encodings, the shorter first where it begins the longer', () => {
    const parts = [hex('04 02 00 01'), hex('02 01 05'), hex('04 01 ff'), hex('02 01 04')];
    expect(setOf(parts)).toEqual(hex('31 0d 02 01 04 02 01 05 04 01 ff 04 02 00 01'));
    expect(parts[0]).toEqual(hex('04 02 00 01'));
  });

  it('takes another tag', () => {
    expect(setOf([NULL], 0xa0)).toEqual(hex('a0 02 05 00'));
  });
});

describe('integerFromContent', () => {
  it.each([
    ['', '02 01 00'],
    ['00 00', '02 01 00'],
    ['00 7f', '02 01 7f'],
    ['00 00 80', '02 02 00 80'],
    ['ff ff 80', '02 01 80'],
    ['ff 7f', '02 02 ff 7f'],
  ])('makes %s minimal', (content, encoded) => {
    expect(integerFromContent(hex(content))).toEqual(hex(encoded));
  });
});

describe('unsignedInteger', () => {
  it('keeps a magnitude positive', () => {
    expect(unsignedInteger(hex('80 00'))).toEqual(hex('02 03 00 80 00'));
  });

  it.each([-1, 1.5, Number.NaN, 2 ** 53])('refuses %d', (value) => {
    expect(() => unsignedInteger(value)).toThrow(DerError);
  });
});

describe('namedBits (X.690 section 11.2.2)', () => {
  it.each([
    [[], '03 01 00'],
    [[0], '03 02 07 80'],
    [[0, 2], '03 02 05 a0'],
    [[7], '03 02 00 01'],
    [[8], '03 03 07 00 80'],
    [[5, 6], '03 02 01 06'],
  ])('%j', (bits, encoded) => {
    expect(namedBits(bits)).toEqual(hex(encoded));
  });
});

describe('strings', () => {
  it('refuse what they cannot hold', () => {
    expect(() => printableString('a@b')).toThrow(DerError);
    expect(() => printableString('a*b')).toThrow(DerError);
    expect(() => ia5String('é')).toThrow(DerError);
  });
});

describe('time (RFC 5280 section 4.1.2.5)', () => {
  it.each([
    ['1949-12-31T23:59:59Z', Tag.GENERALIZED_TIME],
    ['1950-01-01T00:00:00Z', Tag.UTC_TIME],
    ['2049-12-31T23:59:59Z', Tag.UTC_TIME],
    ['2050-01-01T00:00:00Z', Tag.GENERALIZED_TIME],
    ['9999-12-31T23:59:59Z', Tag.GENERALIZED_TIME],
  ])('%s', (text, tag) => {
    const encoded = time(new Date(text));
    expect(encoded[0]).toBe(tag);
    expect(readTime(readOnly(encoded, tag, 'test'), 'test')).toEqual(new Date(text));
  });

  it.each([new Date(Number.NaN), new Date('+010000-01-01T00:00:00Z'), new Date('-000001-01-01T00:00:00Z')])(
    'refuses %s',
    (value) => {
      expect(() => time(value)).toThrow(DerError);
    },
  );
});

describe('element', () => {
  it('joins its parts', () => {
    expect(element(0x30, hex('05 00'), hex('02 01 01'))).toEqual(hex('30 05 05 00 02 01 01'));
  });
});
