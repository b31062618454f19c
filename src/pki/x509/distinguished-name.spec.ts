import * as asn1js from 'asn1js';
import { RelativeDistinguishedNames } from 'pkijs';

import { DerError } from '../der/der-error';
import { element, oid, printableString, sequence, setOf, utf8String } from '../der/der-writer';
import { Tag } from '../der/tag';
import { DistinguishedName } from './distinguished-name';
import { Oid } from './oid';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const parse = (text: string) => DistinguishedName.parse(text);
const name = (...rdns: [string, Buffer][][]): DistinguishedName =>
  DistinguishedName.read(sequence(...rdns.map((rdn) => setOf(rdn.map(([type, value]) => sequence(oid(type), value))))));
const commonName = (value: Buffer) => name([[Oid.commonName, value]]);

describe('DistinguishedName.parse', () => {
  it('keeps the order as typed, which is that of the encoding', () => {
    const typed = parse('CN=User Usersson,O=PrimeKey,C=SE');
    const theirs = new RelativeDistinguishedNames({
      schema: asn1js.fromBER(typed.raw).result,
    });
    expect(
      theirs.typesAndValues.map(({ type, value }) => [type, value.idBlock.tagNumber, value.valueBlock.value]),
    ).toEqual([
      [Oid.commonName, 12, 'User Usersson'],
      [Oid.organizationName, 12, 'PrimeKey'],
      [Oid.countryName, 19, 'SE'],
    ]);
  });

  it.each([
    ['cn=a', 'CN=a'],
    ['commonName=a', 'CN=a'],
    ['2.5.4.3=a', 'CN=a'],
    ['OID.2.5.4.3=a', 'CN=a'],
    ['1.2.3.4=a', '1.2.3.4=a'],
    ['SN=1', 'SERIALNUMBER=1'],
    ['E=a@b.c', 'E=a@b.c'],
    ['emailAddress=a@b.c', 'E=a@b.c'],
    ['S=Uppland', 'ST=Uppland'],
    ['GIVENNAME=a,SURNAME=b', 'GIVENNAME=a,SURNAME=b'],
    ['UID=u,DC=example,DC=com', 'UID=u,DC=example,DC=com'],
    [
      'unstructuredname=r1.example.com,UNSTRUCTUREDADDRESS=10.0.0.1',
      'unstructuredName=r1.example.com,unstructuredAddress=10.0.0.1',
    ],
    ['  CN = a b  ,  O = c ', 'CN=a b,O=c'],
    ['CN=a;O=b', 'CN=a,O=b'],
    ['CN=a\nO=b'.replace('\n', ',\n'), 'CN=a,O=b'],
    ['CN="a, b",O=c', 'CN=a\\, b,O=c'],
    ['CN="say \\"x\\"",O=c', 'CN=say \\"x\\",O=c'],
    ['CN=" a "', 'CN=\\ a\\ '],
    ['CN=a\\, b', 'CN=a\\, b'],
    ['CN=\\ a\\ ', 'CN=\\ a\\ '],
    ['CN=\\ ', 'CN=\\ '],
    ['CN=\\#1', 'CN=\\#1'],
    ['CN=a\\C3\\A9', 'CN=aé'],
    ['CN=a\\00b', 'CN=a\\00b'],
    ['CN=a=b', 'CN=a=b'],
    ['CN=http://a/b', 'CN=http://a/b'],
    ['CN=#0c0161', 'CN=a'],
    ['CN=#040161', 'CN=#040161'],
    ['OU=#0c00', 'OU=#0c00'],
    ['CN=🔑 Schlüssel', 'CN=🔑 Schlüssel'],
    ['/C=SE/O=a, b/CN=c', 'C=SE,O=a\\, b,CN=c'],
    ['/CN=a\\/b', 'CN=a/b'],
    ['', ''],
    ['  ', ''],
  ])('%j reads as %j', (typed, written) => {
    const parsed = parse(typed);
    expect(parsed.toString()).toBe(written);
    expect(parse(written).raw).toEqual(parsed.raw);
  });

  it('puts the attributes of a multi-valued RDN into one SET, in DER order', () => {
    const parsed = parse('serialNumber=ABC+unstructuredName=r1 + CN=x,O=o');
    expect(parsed.rdns.map((rdn) => rdn.map(({ oid: type, value }) => [type, value]))).toEqual([
      [
        [Oid.commonName, 'x'],
        [Oid.serialNumber, 'ABC'],
        [Oid.unstructuredName, 'r1'],
      ],
      [[Oid.organizationName, 'o']],
    ]);
    expect(parsed.raw[2]).toBe(Tag.SET);
  });

  it.each([
    ['C=SE', Tag.PRINTABLE_STRING],
    ['serialNumber=AB-12', Tag.PRINTABLE_STRING],
    ['serialNumber=AB_12', Tag.UTF8_STRING],
    ['E=a@b.c', Tag.IA5_STRING],
    ['DC=example', Tag.IA5_STRING],
    ['unstructuredName=r1.example', Tag.IA5_STRING],
    ['unstructuredName=rö', Tag.UTF8_STRING],
    ['unstructuredAddress=10.0.0.1', Tag.PRINTABLE_STRING],
    ['CN=a', Tag.UTF8_STRING],
    ['UID=a', Tag.UTF8_STRING],
  ])('encodes %s with tag %d', (typed, tag) => {
    expect(parse(typed).rdns[0]![0]!.raw[0]).toBe(tag);
  });

  it.each([
    ['CN', 'expected an attribute such as CN='],
    ['=a', 'expected an attribute such as CN='],
    ['CN=a,', 'expected an attribute such as CN='],
    ['CN=a,,O=b', 'expected an attribute such as CN='],
    ['CN=C++', 'written with \\'],
    ['O=Foo, Inc.,C=SE', 'written with \\'],
    ['FOO=a', 'unknown attribute type, at character 1'],
    ['CN=a,FOO=a', 'unknown attribute type, at character 6'],
    ['CN=', 'empty value, at character 4'],
    ['CN=,O=b', 'empty value'],
    ['CN=""', 'empty value'],
    ['CN="a', 'quotation mark is not closed'],
    ['CN="a"b', 'expected a separator'],
    ['CN=a\\', 'nothing follows'],
    ['CN=a\\ff', 'escaped octets are not UTF-8'],
    ['CN=#', 'hexadecimal'],
    ['CN=#0c', 'bytes end too early'],
    ['CN=#0c0161ff', 'trailing elements'],
    ['CN=#0c0161x', 'expected a separator'],
    ['C=Sweden', 'not two letters'],
    ['C=S1', 'not two letters'],
    ['E=ä@b.c', 'ASCII characters only'],
    ['3.1.1=a', 'not an object identifier'],
    [`CN=${'a'.repeat(8200)}`, 'longer than 8192 characters'],
    [Array.from({ length: 65 }, () => 'OU=a').join(','), 'more than 64 attributes'],
  ])('refuses %j', (typed, message) => {
    expect(() => parse(typed)).toThrow(DerError);
    expect(() => parse(typed)).toThrow(message);
  });

  it('never repeats what was typed', () => {
    for (const typed of ['CN=hunter2,FOO=hunter2', 'CN=hunter2,', 'C=hunter2', 'E=hunter2é', 'hunter2'])
      expect(() => parse(typed)).toThrow(/^(?!.*hunter2)/);
  });
});

describe('DistinguishedName.of', () => {
  it('takes values as they are', () => {
    const built = DistinguishedName.of([
      [{ oid: Oid.commonName, value: 'x,O=evil' }],
      [{ oid: Oid.countryName, value: 'SE' }],
    ]);
    expect(built.values(Oid.organizationName)).toEqual([]);
    expect(built.first(Oid.commonName)).toBe('x,O=evil');
    expect(built.toString()).toBe('CN=x\\,O=evil,C=SE');
  });

  it('refuses values that a type cannot hold', () => {
    expect(() => DistinguishedName.of([[{ oid: Oid.domainComponent, value: 'ä' }]])).toThrow(DerError);
  });
});

describe('DistinguishedName.read', () => {
  it.each([
    ['UTF8String', element(Tag.UTF8_STRING, Buffer.from('Müller')), 'Müller'],
    ['PrintableString', printableString('Muller'), 'Muller'],
    ['T61String', element(Tag.T61_STRING, hex('4d fc 6c 6c 65 72')), 'Müller'],
    ['BMPString', element(Tag.BMP_STRING, hex('00 4d 00 fc')), 'Mü'],
    ['UniversalString', element(Tag.UNIVERSAL_STRING, hex('00 00 00 4d 00 00 00 fc')), 'Mü'],
    ['IA5String', element(Tag.IA5_STRING, Buffer.from('a@b')), 'a@b'],
    ['Latin-1 in a UTF8String', element(Tag.UTF8_STRING, hex('4d fc')), 'Mü'],
    ['half a BMPString', element(Tag.BMP_STRING, hex('00 4d 00')), '#1e03004d00'],
    ['an OCTET STRING', element(Tag.OCTET_STRING, hex('01')), '#040101'],
  ])('reads %s', (_, value, text) => {
    const read = commonName(value);
    expect(read.first(Oid.commonName)).toBe(text);
    expect(read.rdns[0]![0]!.raw).toEqual(value);
  });

  it('tells text that begins with # from a hexadecimal value', () => {
    const text = commonName(utf8String('#040101'));
    const value = commonName(element(Tag.OCTET_STRING, hex('01')));
    expect(text.toString()).toBe('CN=\\#040101');
    expect(value.toString()).toBe('CN=#040101');
    expect(text.equals(value)).toBe(false);
    expect(parse(text.toString()).equals(text)).toBe(true);
    expect(parse(value.toString()).equals(value)).toBe(true);
  });

  it.each([
    ['\0', 'CN=a\\00b'],
    ['\n', 'CN=a\\0ab'],
    ['\u0085', 'CN=a\\c2\\85b'],
    ['\u202e', 'CN=a\\e2\\80\\aeb'],
    ['\u200b', 'CN=a\\e2\\80\\8bb'],
    ['\ufeff', 'CN=a\\ef\\bb\\bfb'],
  ])('shows the invisible character %j escaped', (character, text) => {
    const read = commonName(utf8String(`a${character}b`));
    expect(read.toString()).toBe(text);
    expect(parse(text).raw).toEqual(read.raw);
  });

  it('escapes an unpaired surrogate', () => {
    expect(commonName(element(Tag.BMP_STRING, hex('00 61 d8 00'))).toString()).toBe('CN=a\\ef\\bf\\bd');
  });

  it('reads the subject that Cisco IOS-XE sends (I-30)', () => {
    const read = name(
      [[Oid.organizationalUnitName, printableString('Net')]],
      [
        [Oid.serialNumber, printableString('FTX1234')],
        [Oid.unstructuredAddress, printableString('10.0.0.1')],
        [Oid.unstructuredName, element(Tag.IA5_STRING, Buffer.from('r1.example.com'))],
      ],
    );
    expect(read.first(Oid.commonName)).toBeUndefined();
    expect(read.first(Oid.serialNumber)).toBe('FTX1234');
    expect(read.first(Oid.unstructuredName)).toBe('r1.example.com');
    expect(parse(read.toString()).equals(read)).toBe(true);
  });

  it('abridges what is too long to be shown, and nothing else', () => {
    const read = parse('CN=device+serialNumber=7,O=Example');
    expect(read.abridged(34)).toBe(read.toString());
    expect(read.abridged(20)).toBe('SERIALNUMBER=7+CN=d…');
    const invisible = name([[Oid.commonName, element(Tag.UTF8_STRING, Buffer.alloc(100_000, 1))]]);
    expect(invisible.abridged(10)).toBe('CN=\\01\\01…');
  });

  it('does not fold what is longer than any name: it is the same as itself only', () => {
    const long = (text: string) => name([[Oid.commonName, element(Tag.UTF8_STRING, Buffer.from(text.repeat(20_000)))]]);
    expect(long('a').equals(long('a'))).toBe(true);
    expect(long('a').equals(long('A'))).toBe(false);
  });

  it('gives all values of a type', () => {
    expect(parse('OU=a,CN=x,OU=b+OU=c').values(Oid.organizationalUnitName)).toEqual(['a', 'b', 'c']);
  });

  it('knows the empty name', () => {
    const empty = DistinguishedName.read(hex('30 00'));
    expect([empty.isEmpty, empty.rdns, empty.toString(), empty.normalised]).toEqual([true, [], '', '']);
    expect(parse('CN=a').isEmpty).toBe(false);
  });

  it.each([
    ['no SEQUENCE', '31 00'],
    ['bytes behind it', '30 00 00'],
  ])('refuses at once: %s', (_, bytes) => {
    expect(() => DistinguishedName.read(hex(bytes))).toThrow(DerError);
  });

  it.each([
    ['an RDN that is no SET', '30 02 30 00'],
    ['an empty RDN', '30 02 31 00'],
    ['an attribute that is no SEQUENCE', '30 04 31 02 05 00'],
    ['an attribute without a value', '30 09 31 07 30 05 06 03 55 04 03'],
    ['an attribute with two values', '30 0d 31 0b 30 09 06 03 55 04 03 05 00 05 00'],
    ['65 RDNs', `30 82 02 cb ${'31 09 30 07 06 03 55 04 03 05 00'.repeat(65)}`],
    ['17 attributes in an RDN', `30 81 9c 31 81 99 ${'30 07 06 03 55 04 03 05 00'.repeat(17)}`],
  ])('refuses when it is looked at: %s', (_, bytes) => {
    const read = DistinguishedName.read(hex(bytes));
    expect(() => read.rdns).toThrow(DerError);
    expect(() => read.checked()).toThrow(DerError);
  });
});

describe('equality (RFC 5280 section 7.1)', () => {
  it.each([
    ['letter case', 'CN=User,O=X', 'cn=uSER,o=x'],
    ['blanks', 'CN=User  One', 'CN=\\ User One'],
    ['order within an RDN', 'CN=a+O=b', 'O=b+CN=a'],
    ['compatibility forms', 'CN=ﬁle', 'CN=file'],
    ['the sharp s', 'CN=Straße', 'CN=STRASSE'],
  ])('passes over %s', (_, one, other) => {
    expect(parse(one).equals(parse(other))).toBe(true);
    expect(parse(one).normalised).toBe(parse(other).normalised);
  });

  it('passes over attributes that are to be left out, wherever they stand', () => {
    const cisco = parse('unstructuredName=r1.example.com+serialNumber=FCH1,CN=r1,O=Example');
    expect(cisco.normalisedWithout([Oid.unstructuredName, Oid.serialNumber])).toBe(parse('CN=R1,O=example').normalised);
    expect(cisco.normalisedWithout([Oid.serialNumber])).not.toBe(parse('CN=r1,O=Example').normalised);
    expect(cisco.normalisedWithout([])).toBe(cisco.normalised);
  });

  it('passes over the string type', () => {
    const utf8 = commonName(utf8String('Mü'));
    expect(utf8.equals(commonName(element(Tag.BMP_STRING, hex('00 4d 00 fc'))))).toBe(true);
    expect(utf8.equals(commonName(element(Tag.T61_STRING, hex('4d fc'))))).toBe(true);
  });

  it.each([
    ['another value', 'CN=a', 'CN=b'],
    ['another type', 'CN=a', 'O=a'],
    ['another order of RDNs', 'CN=a,O=b', 'O=b,CN=a'],
    ['one RDN against two', 'CN=a+O=b', 'CN=a,O=b'],
    ['a value that looks like two RDNs', 'CN=a\\,2.5.4.10\\=b', 'CN=a,O=b'],
    ['a NUL', 'CN=a', 'CN=a\\00'],
    ['a prefix', 'CN=a', 'CN=a,O=b'],
  ])('heeds %s', (_, one, other) => {
    expect(parse(one).equals(parse(other))).toBe(false);
  });
});
