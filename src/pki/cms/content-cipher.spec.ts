import { DerError } from '../der/der-error';
import {
  CIPHER_NAMES,
  cipherBlockLength,
  cipherFromOid,
  cipherKeyLength,
  cipherOid,
  contentEncryptionKey,
  decryptContent,
  encryptContent,
} from './content-cipher';

const hex = (text: string): Buffer => Buffer.from(text.replace(/ /g, ''), 'hex');

describe('content ciphers', () => {
  it('single DES is the DES of FIPS 81, appendix C (CBC mode)', () => {
    const key = hex('0123456789abcdef');
    const iv = hex('1234567890abcdef');
    const encrypted = encryptContent('des', key, iv, Buffer.from('Now is the time for all '));
    expect(encrypted.subarray(0, 24)).toEqual(hex('e5c7cdde872bf27c 43e934008c389c0f 683788499a7c05f6'));
    expect(decryptContent('des', key, iv, encrypted).toString()).toBe('Now is the time for all ');
  });

  it('AES-128 is the one of NIST SP 800-38A, F.2.1', () => {
    const key = hex('2b7e151628aed2a6abf7158809cf4f3c');
    const iv = hex('000102030405060708090a0b0c0d0e0f');
    const encrypted = encryptContent('aes128', key, iv, hex('6bc1bee22e409f96e93d7e117393172a'));
    expect(encrypted.subarray(0, 16)).toEqual(hex('7649abac8119b246cee98e9b12e9197d'));
  });

  describe.each(CIPHER_NAMES)('%s', (cipher) => {
    const key = Buffer.alloc(cipherKeyLength(cipher), 0x23).fill(0x45, 8);
    const iv = Buffer.alloc(cipherBlockLength(cipher), 9);
    const block = cipherBlockLength(cipher);

    it('is known by its object identifier', () => {
      expect(cipherFromOid(cipherOid(cipher))).toBe(cipher);
    });

    it('returns what was encrypted, of any length', () => {
      for (let length = 0; length <= 2 * block; length++) {
        const content = Buffer.alloc(length, 0x5a);
        expect(decryptContent(cipher, key, iv, encryptContent(cipher, key, iv, content))).toEqual(content);
      }
    });

    it('knows each wrong padding as one and the same error', () => {
      // With this initialisation vector the plaintext of the first block can be set at will.
      const encrypted = encryptContent(cipher, key, iv, Buffer.alloc(block - 1)).subarray(0, block);
      const plain = Buffer.alloc(block);
      plain[block - 1] = 1;
      const withPlain = (wanted: Buffer): Buffer => {
        const changed = Buffer.from(iv);
        for (let i = 0; i < block; i++) changed[i] = iv[i]! ^ plain[i]! ^ wanted[i]!;
        return decryptContent(cipher, key, changed, encrypted);
      };
      const wrong = [
        Buffer.alloc(block),
        Buffer.alloc(block, block + 1),
        Buffer.alloc(block, 0xff),
        Buffer.alloc(block).fill(2, block - 1),
        Buffer.alloc(block, block).fill(0, 0, 1),
        Buffer.alloc(block, 4).fill(5, block - 4, block - 3),
      ];
      for (const padding of wrong)
        expect(() => withPlain(padding)).toThrow(new DerError('content cannot be decrypted'));
      expect(withPlain(Buffer.alloc(block, block))).toHaveLength(0);
      expect(withPlain(Buffer.alloc(block, 3))).toEqual(Buffer.alloc(block - 3, 3));
    });

    it('knows wrong lengths as the same error', () => {
      const same = new DerError('content cannot be decrypted');
      expect(() => decryptContent(cipher, key, iv, Buffer.alloc(0))).toThrow(same);
      expect(() => decryptContent(cipher, key, iv, Buffer.alloc(block + 1))).toThrow(same);
      expect(() => decryptContent(cipher, key, iv.subarray(1), Buffer.alloc(block))).toThrow(same);
    });
  });

  it('gives keys of the DES family odd parity and leaves others alone', () => {
    const random = Buffer.from(Array.from({ length: 24 }, (_, i) => i * 11));
    const key = contentEncryptionKey('3des', random);
    const ones = (octet: number): number => octet.toString(2).replace(/0/g, '').length;
    expect([...key].every((octet) => ones(octet) % 2 === 1)).toBe(true);
    expect([...key].map((octet) => octet & 0xfe)).toEqual([...random].map((octet) => octet & 0xfe));
    expect(contentEncryptionKey('aes192', random)).toEqual(random);
  });
});
