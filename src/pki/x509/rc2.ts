import { DerError } from '../der/der-error';

/**
 * RC2 in CBC mode, decryption only (RFC 2268). Node has it no more, yet PKCS #12 files of Windows, Java and older OpenSSL
 * releases hide their certificates with it. It protects nothing today and is used for nothing else.
 */

const PI_TABLE = Buffer.from(
  'd978f9c419ddb5ed28e9fd794aa0d89dc67e37832b76538e624c6488448bfba2' +
    '179a59f587b34f1361456d8d09817d32bd8f40eb86b77b0bf09521225c6b4e82' +
    '54d66593ce60b21c7356c014a78cf1dc1275ca1f3bbee4d1423dd430a33cb626' +
    '6fbf0eda4669075727f21d9bbc944303f811c7f690ef3ee706c3d52fc8661ed7' +
    '08e8eade8052eef784aa72ac354d6a2a961ad2715a1549744b9fd05e0418a4ec' +
    'c2e0416e0f51cbcc2491af50a1f47039997c3a8523b8b47afc02365b25559731' +
    '2d5dfa98e38a92ae05df2910676cbac9d300e6cfe19ea82c6316013f58e289a9' +
    '0d38341bab33ffb0bb480c5fb9b1cd2ec5f3db47e5a59c770aa62068fe7fc1ad',
  'hex',
);

const BLOCK = 8;
const ROTATIONS = [1, 2, 3, 5] as const;

/** Sixty-four 16-bit words from a key, whose effective length is its length (section 2). */
function expandKey(key: Buffer): Uint16Array {
  const table = Buffer.alloc(128);
  key.copy(table);
  const pi = (index: number): number => PI_TABLE[index & 0xff] as number;
  const at = (index: number): number => table[index] as number;
  for (let i = key.length; i < 128; i++) table[i] = pi(at(i - 1) + at(i - key.length));
  table[128 - key.length] = pi(at(128 - key.length));
  for (let i = 127 - key.length; i >= 0; i--) table[i] = pi(at(i + 1) ^ at(i + key.length));
  return Uint16Array.from({ length: 64 }, (_, i) => table.readUInt16LE(2 * i));
}

/** Decrypts one block in place (section 4). */
function decryptBlock(words: Uint16Array, keys: Uint16Array): void {
  const word = (i: number): number => words[i & 3] as number;
  const unmix = (j: number, i: number): void => {
    const rotated = (word(i) >>> (ROTATIONS[i] as number)) | (word(i) << (16 - (ROTATIONS[i] as number)));
    words[i] = rotated - (keys[j] as number) - (word(i + 3) & word(i + 2)) - (~word(i + 3) & word(i + 1));
  };
  for (let round = 15; round >= 0; round--) {
    for (let i = 3; i >= 0; i--) unmix(4 * round + i, i);
    // The two mashing rounds stand after the fifth and the eleventh mixing round of encryption.
    if (round === 5 || round === 11)
      for (let i = 3; i >= 0; i--) words[i] = word(i) - (keys[word(i + 3) & 63] as number);
  }
}

/**
 * Decrypts RC2-CBC with PKCS #7 padding. The effective key length is that of `key` (5 or 16 bytes here), `iv` has 8 bytes.
 * Throws `DerError` when length or padding are wrong.
 */
export function decryptRc2Cbc(key: Buffer, iv: Buffer, ciphertext: Buffer): Buffer {
  if (ciphertext.length === 0 || ciphertext.length % BLOCK !== 0) throw new DerError('RC2: not whole blocks');
  const keys = expandKey(key);
  const words = new Uint16Array(4);
  const plaintext = Buffer.alloc(ciphertext.length);
  for (let offset = 0; offset < ciphertext.length; offset += BLOCK) {
    for (let i = 0; i < 4; i++) words[i] = ciphertext.readUInt16LE(offset + 2 * i);
    decryptBlock(words, keys);
    const previous = offset === 0 ? iv : ciphertext.subarray(offset - BLOCK, offset);
    for (let i = 0; i < 4; i++)
      plaintext.writeUInt16LE((words[i] as number) ^ previous.readUInt16LE(2 * i), offset + 2 * i);
  }
  const padding = plaintext.at(-1) as number;
  const tail = plaintext.subarray(plaintext.length - padding);
  if (padding === 0 || padding > BLOCK || tail.some((octet) => octet !== padding))
    throw new DerError('RC2: bad padding');
  return plaintext.subarray(0, plaintext.length - padding);
}
