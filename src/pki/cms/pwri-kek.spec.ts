import { SequenceRandom } from '../../../test/support/sequence-random';
import { DerError } from '../der/der-error';
import { cipherBlockLength, cipherKeyLength } from './content-cipher';
import { unwrapWithKek, wrapWithKek } from './pwri-kek';

const random = new SequenceRandom('pwri-kek');
const hex = (text: string): Buffer => Buffer.from(text.replace(/ /g, ''), 'hex');

describe('PWRI-KEK', () => {
  it('unwraps the second test vector of RFC 3211 section 3', () => {
    const kek = hex('6A 89 70 BF 68 C9 2C AE A8 4A 8D F2 85 10 85 86 07 12 63 80 CC 47 AB 2D');
    const wrapped = hex(
      'C0 3C 51 4A BD B9 E2 C5 AA C0 38 57 2B 5E 24 55 38 76 B3 77 AA FB 82 EC A5 A9 D7 3F 8A B1 43 D9 EC 74 E6 CA D7 DB 26 0C',
    );
    expect(unwrapWithKek('3des', kek, hex('BA F1 CA 79 31 21 3C 4E'), wrapped, 32)).toEqual(
      hex('8C 63 7D 88 72 23 A2 F9 65 B5 66 EB 01 4B 0F A5 D5 23 00 A3 F7 EA 40 FF FC 57 72 03 C7 1B AF 3B'),
    );
  });

  const ciphers = ['3des', 'aes128', 'aes192', 'aes256'] as const;
  const lengths = [3, 8, 12, 16, 24, 32];

  it.each(ciphers.flatMap((cipher) => lengths.map((length) => [cipher, length] as const)))(
    'unwraps what it wraps, of two blocks at least: %s, %d octets',
    (cipher, length) => {
      const block = cipherBlockLength(cipher);
      const [kek, iv, key] = [random.bytes(cipherKeyLength(cipher)), random.bytes(block), random.bytes(length)];
      const wrapped = wrapWithKek(cipher, kek, iv, key, random);
      expect(wrapped.length).toBe(Math.max(2, Math.ceil((4 + length) / block)) * block);
      expect(unwrapWithKek(cipher, kek, iv, wrapped, length)).toEqual(key);
    },
  );

  describe('has one error for', () => {
    const kek = random.bytes(16);
    const iv = random.bytes(16);
    const key = random.bytes(16);
    const wrapped = wrapWithKek('aes128', kek, iv, key, random);

    it.each<[string, () => Buffer]>([
      ['another key', () => unwrapWithKek('aes128', random.bytes(16), iv, wrapped, 16)],
      ['another initialisation vector', () => unwrapWithKek('aes128', kek, random.bytes(16), wrapped, 16)],
      ['one that is too short', () => unwrapWithKek('aes128', kek, iv.subarray(8), wrapped, 16)],
      ['a key of another length than is wanted', () => unwrapWithKek('aes128', kek, iv, wrapped, 24)],
      ['one block', () => unwrapWithKek('aes128', kek, iv, wrapped.subarray(0, 16), 3)],
      ['half a block', () => unwrapWithKek('aes128', kek, iv, wrapped.subarray(0, 24), 16)],
      ['nothing', () => unwrapWithKek('aes128', kek, iv, Buffer.alloc(0), 16)],
      ['a key that does not fit into it', () => unwrapWithKek('aes128', kek, iv, wrapped, 32)],
    ])('%s', (_, unwrap) => {
      expect(unwrap).toThrow(DerError);
      expect(unwrap).toThrow('wrong password, or no key');
    });

    it('any bit that was changed in the last block but one, or before', () => {
      for (let octet = 0; octet < 16; octet++) {
        const changed = Buffer.from(wrapped);
        changed[octet] = (changed[octet] as number) ^ 1;
        expect(() => unwrapWithKek('aes128', kek, iv, changed, 16)).toThrow(DerError);
      }
    });
  });
});
