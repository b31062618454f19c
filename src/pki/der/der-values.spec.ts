import { DerReader, type Tlv } from './der-reader';
import {
  isStringTag,
  readBitString,
  readBoolean,
  readInteger,
  readOctetAlignedBitString,
  readOid,
  readSmallInteger,
  readString,
  readTime,
} from './der-values';
import { element } from './der-writer';
import { Tag } from './tag';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const tlv = (tag: number, content: Buffer): Tlv => new DerReader(element(tag, content)).next('test');

describe('readOid', () => {
  const read = (content: string) => readOid(tlv(Tag.OBJECT_IDENTIFIER, hex(content)), 'test');

  it.each([
    ['2a 86 48 86 f7 0d 01 07 02', '1.2.840.113549.1.7.2'],
    ['55 04 03', '2.5.4.3'],
    ['00', '0.0'],
    ['27', '0.39'],
    ['4f', '1.39'],
    ['50', '2.0'],
    ['88 37', '2.999'],
    ['69 83 ce 90 ff bb 9a b8 f0 d8 f2 e3 ae 88 a0 a6 d5 c6 ae 2a', '2.25.307139914271410914262883029523478189866'],
  ])('reads %s as %s, again from the cache', (content, text) => {
    expect(read(content)).toBe(text);
    expect(read(content)).toBe(text);
  });

  it.each([
    ['', 'bad OBJECT IDENTIFIER'],
    ['2a 80 01', 'arc is not minimal'],
    ['80', 'arc is not minimal'],
    ['2a 86', 'ends within an arc'],
    ['81'.repeat(65), 'bad OBJECT IDENTIFIER'],
  ])('refuses %s', (content, message) => {
    expect(() => read(content)).toThrow(message);
  });

  it('refuses another type', () => {
    expect(() => readOid(tlv(Tag.INTEGER, hex('05')), 'test')).toThrow('no OBJECT IDENTIFIER');
  });
});

describe('readInteger', () => {
  const read = (content: string) => readInteger(tlv(Tag.INTEGER, hex(content)), 'test');

  it.each(['00', '7f', '80', '00 80', 'ff 7f', 'ff', '00 ff ff'])('reads %s', (content) => {
    expect(read(content)).toEqual(hex(content));
  });

  it.each(['00 7f', '00 00', 'ff 80', 'ff ff'])('refuses %s, which is not minimal', (content) => {
    expect(() => read(content)).toThrow('not minimal');
  });

  it('refuses an empty one and another type', () => {
    expect(() => read('')).toThrow('empty INTEGER');
    expect(() => readInteger(tlv(Tag.NULL, hex('')), 'test')).toThrow('no INTEGER');
  });
});

describe('readSmallInteger', () => {
  const read = (content: string) => readSmallInteger(tlv(Tag.INTEGER, hex(content)), 'test');

  it('reads up to 2^31 - 1', () => {
    expect(read('00')).toBe(0);
    expect(read('00 ff')).toBe(255);
    expect(read('7f ff ff ff')).toBe(2 ** 31 - 1);
  });

  it.each(['ff', '80 00 00 00', '00 80 00 00 00'])('refuses %s', (content) => {
    expect(() => read(content)).toThrow('out of range');
  });
});

describe('readBoolean', () => {
  it('reads the two values of DER and nothing else', () => {
    expect(readBoolean(tlv(Tag.BOOLEAN, hex('ff')), 'test')).toBe(true);
    expect(readBoolean(tlv(Tag.BOOLEAN, hex('00')), 'test')).toBe(false);
    expect(() => readBoolean(tlv(Tag.BOOLEAN, hex('01')), 'test')).toThrow('not DER');
    expect(() => readBoolean(tlv(Tag.BOOLEAN, hex('')), 'test')).toThrow('no BOOLEAN');
    expect(() => readBoolean(tlv(Tag.BOOLEAN, hex('00 00')), 'test')).toThrow('no BOOLEAN');
    expect(() => readBoolean(tlv(Tag.INTEGER, hex('00')), 'test')).toThrow('no BOOLEAN');
  });
});

describe('readBitString', () => {
  const read = (content: string) => readBitString(tlv(Tag.BIT_STRING, hex(content)), 'test');

  it('tells the unused bits from the bytes', () => {
    expect(read('05 a0')).toEqual({ unusedBits: 5, bytes: hex('a0') });
    expect(read('00')).toEqual({ unusedBits: 0, bytes: hex('') });
  });

  it.each(['', '08 00', '01'])('refuses %s', (content) => {
    expect(() => read(content)).toThrow('no BIT STRING');
  });

  it('can insist on whole octets', () => {
    expect(readOctetAlignedBitString(tlv(Tag.BIT_STRING, hex('00 01 02')), 'test')).toEqual(hex('01 02'));
    expect(() => readOctetAlignedBitString(tlv(Tag.BIT_STRING, hex('01 02')), 'test')).toThrow('not octet aligned');
  });
});

describe('readString', () => {
  it.each([
    ['UTF8String', Tag.UTF8_STRING, 'c3 a9 f0 9f 94 91', 'é🔑'],
    ['UTF8String with a byte order mark, which is text', Tag.UTF8_STRING, 'ef bb bf 61', '\ufeffa'],
    ['NumericString', Tag.NUMERIC_STRING, '31 20 32', '1 2'],
    ['PrintableString', Tag.PRINTABLE_STRING, '41 2d 42', 'A-B'],
    ['T61String as Latin-1', Tag.T61_STRING, '4d fc 6c 6c', 'Müll'],
    ['IA5String', Tag.IA5_STRING, '61 40 62', 'a@b'],
    ['VisibleString', Tag.VISIBLE_STRING, '7e', '~'],
    ['BMPString', Tag.BMP_STRING, '00 e9 20 ac', 'é€'],
    ['UniversalString', Tag.UNIVERSAL_STRING, '00 00 00 e9 00 01 f5 11', 'é🔑'],
    ['empty text', Tag.BMP_STRING, '', ''],
  ])('reads %s', (_, tag, content, text) => {
    expect(isStringTag(tag)).toBe(true);
    expect(readString(tlv(tag, hex(content)), 'test')).toBe(text);
  });

  it.each([
    ['UTF8String that is not UTF-8', Tag.UTF8_STRING, 'c3'],
    ['UTF8String with an encoded surrogate', Tag.UTF8_STRING, 'ed a0 80'],
    ['BMPString of odd length', Tag.BMP_STRING, '00 61 00'],
    ['UniversalString of bad length', Tag.UNIVERSAL_STRING, '00 00 61'],
    ['UniversalString out of range', Tag.UNIVERSAL_STRING, '00 11 00 00'],
    ['OCTET STRING', Tag.OCTET_STRING, '61'],
  ])('refuses %s', (_, tag, content) => {
    expect(() => readString(tlv(tag, hex(content)), 'test')).toThrow('test: ');
  });

  it('does not turn a BMPString round in place', () => {
    const bytes = hex('1e 02 00 61');
    readString(new DerReader(bytes).next('test'), 'test');
    expect(bytes).toEqual(hex('1e 02 00 61'));
  });
});

describe('readTime', () => {
  const utc = (text: string) => readTime(tlv(Tag.UTC_TIME, Buffer.from(text)), 'test').toISOString();
  const generalized = (text: string) => readTime(tlv(Tag.GENERALIZED_TIME, Buffer.from(text)), 'test').toISOString();

  it('reads two-digit years as 1950 to 2049', () => {
    expect(utc('491231235959Z')).toBe('2049-12-31T23:59:59.000Z');
    expect(utc('500101000000Z')).toBe('1950-01-01T00:00:00.000Z');
  });

  it('reads any four-digit year', () => {
    expect(generalized('99991231235959Z')).toBe('9999-12-31T23:59:59.000Z');
    expect(generalized('00500228000000Z')).toBe('0050-02-28T00:00:00.000Z');
    expect(generalized('20240229120000.5Z')).toBe('2024-02-29T12:00:00.000Z');
  });

  it.each([
    '20230229000000Z',
    '20231301000000Z',
    '20230100000000Z',
    '20230101240000Z',
    '20230101006000Z',
    '20230101000060Z',
  ])('refuses %s, which does not exist', (text) => {
    expect(() => generalized(text)).toThrow('no such time');
  });

  it.each(['2301010000Z', '230101000000+0100', '230101000000', '', 'xx0101000000Z'])('refuses UTCTime %s', (text) => {
    expect(() => utc(text)).toThrow('no time');
  });

  it('refuses another type', () => {
    expect(() => readTime(tlv(Tag.IA5_STRING, Buffer.from('20230101000000Z')), 'test')).toThrow('no time');
  });
});
