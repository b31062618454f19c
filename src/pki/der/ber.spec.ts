import * as asn1js from 'asn1js';

import { toIndefinite } from '../../../test/support/indefinite-length';
import { loadVector, RECORDED } from '../../../test/support/vectors';
import { normaliseBer } from './ber';
import { DerError } from './der-error';
import { DerReader, MAX_DEPTH } from './der-reader';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const normalised = (text: string): string => normaliseBer(hex(text)).toString('hex');

/** Reads everything there is, strictly. */
function walk(reader: DerReader): number {
  let count = 0;
  while (!reader.atEnd) {
    const element = reader.next('walk');
    count += 1 + ((element.tag & 0x20) === 0 ? 0 : walk(element.open('walk')));
  }
  return count;
}

describe('normaliseBer', () => {
  it.each([
    ['indefinite length', '30 80 02 01 05 00 00', '30 03 02 01 05'],
    ['nested indefinite lengths', '30 80 30 80 05 00 00 00 05 00 00 00', '30 06 30 02 05 00 05 00'],
    ['a definite inside an indefinite length', '30 80 30 03 02 01 05 00 00', '30 05 30 03 02 01 05'],
    ['an indefinite inside a definite length', '30 07 30 80 02 01 05 00 00', '30 05 30 03 02 01 05'],
    ['a length that is not minimal', '04 84 00 00 00 02 aa bb', '04 02 aa bb'],
    ['a length of eight octets', '04 88 00 00 00 00 00 00 00 01 aa', '04 01 aa'],
    ['an OCTET STRING in segments', '24 80 04 01 aa 04 02 bb cc 00 00', '04 03 aa bb cc'],
    ['segments of segments', '24 80 24 80 04 01 aa 00 00 04 01 bb 00 00', '04 02 aa bb'],
    ['no segments at all', '24 80 00 00', '04 00'],
    ['a BIT STRING in segments', '23 80 03 02 00 aa 03 02 04 b0 00 00', '03 03 04 aa b0'],
    ['a UTF8String in segments', '2c 80 04 01 61 0c 01 62 00 00', '0c 02 61 62'],
    ['a context tag, which stays constructed', 'a0 80 04 01 aa 04 01 bb 00 00', 'a0 06 04 01 aa 04 01 bb'],
    ['a SET, which keeps its order', '31 80 04 01 ff 02 01 01 00 00', '31 06 04 01 ff 02 01 01'],
    ['what is inside a string, which stays', '04 06 30 80 05 00 00 00', '04 06 30 80 05 00 00 00'],
    ['BOOLEAN TRUE of BER, which stays', '01 01 01', '01 01 01'],
  ])('rewrites %s', (_, ber, der) => {
    expect(normalised(ber)).toBe(der.replaceAll(' ', ''));
  });

  it.each([
    ['nothing', ''],
    ['bytes behind the element', '05 00 00'],
    ['a cut length', '30 82 01'],
    ['cut content', '04 05 aa'],
    ['a missing end-of-contents', '30 80 05 00'],
    ['half an end-of-contents', '30 80 05 00 00'],
    ['an end-of-contents in a definite length', '30 04 05 00 00 00'],
    ['an end-of-contents alone', '00 00'],
    ['a primitive of indefinite length', '04 80 aa 00 00'],
    ['a multi-octet tag', '3f 20 80 00 00'],
    ['a length of nine octets', '04 89 00 00 00 00 00 00 00 00 01 aa'],
    ['a length beyond all numbers', '04 88 ff ff ff ff ff ff ff ff aa'],
    ['an inner element beyond its parent', '30 03 04 05 aa bb cc dd ee'],
    ['a segment of another type', '24 80 02 01 05 00 00'],
    ['an OCTET STRING as segment of a BIT STRING', '23 80 04 02 00 aa 00 00'],
    ['unused bits before the last segment', '23 80 03 02 04 a0 03 02 00 aa 00 00'],
    ['an empty segment of a BIT STRING', '23 80 03 00 00 00'],
  ])('refuses %s', (_, ber) => {
    expect(() => normaliseBer(hex(ber))).toThrow(DerError);
  });

  it('bounds the depth, of segments too', () => {
    const nested = (tag: string, depth: number, innermost: string) =>
      `${`${tag}80`.repeat(depth)}${innermost}${'0000'.repeat(depth)}`;
    expect(() => normaliseBer(hex(nested('30', MAX_DEPTH, '0500')))).not.toThrow();
    expect(() => normaliseBer(hex(nested('30', MAX_DEPTH + 1, '0500')))).toThrow('nested too deeply');
    expect(() => normaliseBer(hex(nested('24', 100_000, '0400')))).toThrow('nested too deeply');
  });

  it('bounds the number of elements', () => {
    expect(() => normaliseBer(hex(`30 80 ${'0500'.repeat(60_000)} 00 00`))).toThrow('too many elements');
  });

  it.each(RECORDED.filter((name) => !name.startsWith('jscep')))('leaves the DER of %s as it is', (name) => {
    const der = loadVector(name).bytes;
    expect(normaliseBer(der)).toEqual(der);
    expect(normaliseBer(toIndefinite(der))).toEqual(der);
  });

  it.each(['jscep/3.0.0-enrol', 'jscep/2.2.0-enrol'])('makes DER of %s with the same values', (name) => {
    const ber = loadVector(name).bytes;
    expect(() => walk(new DerReader(ber))).toThrow('indefinite length');
    const der = normaliseBer(ber);
    expect(walk(new DerReader(der))).toBeGreaterThan(100);
    // asn1js reads both forms: every leaf has to be the same, apart from segments, which it joins in its own way.
    const leaves = (bytes: Buffer): string[] => {
      const { result, offset } = asn1js.fromBER(bytes);
      expect(offset).toBe(bytes.length);
      return leavesOf(result);
    };
    expect(leaves(der)).toEqual(leaves(ber));
  });
});

function leavesOf(block: asn1js.AsnType): string[] {
  if (block instanceof asn1js.OctetString) return [Buffer.from(block.getValue()).toString('hex')];
  if (block instanceof asn1js.Constructed)
    return block.valueBlock.value.flatMap((child) => leavesOf(child as asn1js.AsnType));
  return [Buffer.from(block.toBER()).toString('hex')];
}
