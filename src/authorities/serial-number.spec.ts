import { SequenceRandom } from '../../test/support/sequence-random';
import { integerFromContent } from '../pki/der/der-writer';
import { newSerialNumber } from './serial-number';

describe('newSerialNumber', () => {
  it('makes positive, minimal, distinct integers of 20 octets (RFC 5280 section 4.1.2.2)', () => {
    const random = new SequenceRandom();
    const serials = Array.from({ length: 500 }, () => newSerialNumber(random));
    for (const serial of serials) {
      expect(serial).toHaveLength(20);
      expect(serial[0]! & 0xc0).toBe(0x40);
      expect(integerFromContent(serial).subarray(2)).toEqual(serial);
    }
    expect(new Set(serials.map((serial) => serial.toString('hex'))).size).toBe(500);
  });

  it('takes all but two bits from the random source', () => {
    const fixed = (octet: number): Buffer =>
      newSerialNumber({ bytes: (size) => Buffer.alloc(size, octet), uuid: () => '' });
    expect(fixed(0xff)).toEqual(Buffer.concat([Buffer.of(0x7f), Buffer.alloc(19, 0xff)]));
    expect(fixed(0x00)).toEqual(Buffer.concat([Buffer.of(0x40), Buffer.alloc(19, 0)]));
  });
});
