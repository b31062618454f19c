import { createDecipheriv, createHmac } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';

import { constantTimeEqual } from '../../common/digest';
import { DerError } from '../der/der-error';
import { DerReader, type Tlv } from '../der/der-reader';
import { readSmallInteger } from '../der/der-values';
import { Tag } from '../der/tag';
import { type AlgorithmIdentifier, readAlgorithmIdentifier } from './algorithm-identifier';
import { digest, digestFromOid, digestLength, type DigestName } from './digest-name';
import { Oid } from './oid';
import { derivePbkdf2, hmacDigestFromOid, readPbkdf2 } from './pbkdf2';
import { decryptRc2Cbc } from './rc2';

const WHAT = 'PKCS #12';

/** Told for what this reader does not know: one command writes the same content in the form that OpenSSL 3 prefers. */
export const REWRITE_ADVICE =
  'write the file anew: openssl pkcs12 -legacy -in old.p12 -nodes | openssl pkcs12 -export -out new.p12';

/** All derivations of one file together; ten keys at a hundred thousand are usual at most. */
const MAX_ITERATIONS = 5_000_000;

/** Some milliseconds' worth: after so many the others have their turn. */
const ITERATIONS_A_TURN = 2_000;

const PBES2 = '1.2.840.113549.1.5.13';
const PBMAC1 = '1.2.840.113549.1.5.14';

interface Cipher {
  readonly keyLength: number;
  readonly blockLength: number;
  decrypt(key: Buffer, iv: Buffer, ciphertext: Buffer): Buffer;
}

const nodeCipher = (name: string, keyLength: number, blockLength: number): Cipher => ({
  keyLength,
  blockLength,
  decrypt(key, iv, ciphertext) {
    const decipher = createDecipheriv(name, key, iv);
    return Buffer.concat([decipher.update(ciphertext), decipher.final()]);
  },
});

const PBES2_CIPHERS: Readonly<Record<string, Cipher | undefined>> = {
  [Oid.desEde3Cbc]: nodeCipher('des-ede3-cbc', 24, 8),
  [Oid.aes128Cbc]: nodeCipher('aes-128-cbc', 16, 16),
  [Oid.aes192Cbc]: nodeCipher('aes-192-cbc', 24, 16),
  [Oid.aes256Cbc]: nodeCipher('aes-256-cbc', 32, 16),
};

/** pbeWithSHAAnd... (RFC 7292 appendix C). */
const PKCS12_CIPHERS: Readonly<Record<string, Cipher | undefined>> = {
  '1.2.840.113549.1.12.1.3': nodeCipher('des-ede3-cbc', 24, 8),
  '1.2.840.113549.1.12.1.4': nodeCipher('des-ede-cbc', 16, 8),
  '1.2.840.113549.1.12.1.5': { keyLength: 16, blockLength: 8, decrypt: decryptRc2Cbc },
  '1.2.840.113549.1.12.1.6': { keyLength: 5, blockLength: 8, decrypt: decryptRc2Cbc },
};

/** What a derived value is for (RFC 7292 appendix B.3). */
const Purpose = { key: 1, iv: 2, mac: 3 } as const;

/** Salt and iteration count, as all schemes here have them. */
interface Salted {
  readonly salt: Buffer;
  readonly iterations: number;
}

/** A password of a PKCS #12 file and what is derived from it (RFC 7292 appendices B and C, RFC 8018, RFC 9579). */
export class Pkcs12Password {
  private iterationsLeft = MAX_ITERATIONS;
  /** BMPString with a NUL at its end; a variant writes the empty password as nothing at all. */
  private bmp: Buffer;

  constructor(private readonly password: string) {
    this.bmp = Buffer.from(`${password}\0`, 'utf16le').swap16();
  }

  /** Whether the MAC over the file's content is right; wrong means a wrong password or a damaged file. */
  async checksMac(macData: DerReader, content: Buffer): Promise<boolean> {
    const digestInfo = macData.enter(Tag.SEQUENCE, `${WHAT} MAC`);
    const algorithm = readAlgorithmIdentifier(digestInfo, `${WHAT} MAC`);
    const expected = digestInfo.expect(Tag.OCTET_STRING, `${WHAT} MAC`).content;
    const salted = readSalted(macData);
    if (algorithm.oid === PBMAC1) return constantTimeEqual(expected, await this.pbmac1(algorithm, content));
    const name = digestFromOid(algorithm.oid);
    if (name === undefined) throw unsupported('MAC');
    const compute = async (): Promise<Buffer> => {
      const key = await this.pkcs12Derive(name, Purpose.mac, salted, digestLength(name));
      return createHmac(name, key).update(content).digest();
    };
    if (constantTimeEqual(expected, await compute())) return true;
    if (this.password !== '') return false;
    this.bmp = Buffer.alloc(0);
    return constantTimeEqual(expected, await compute());
  }

  /** Decrypts by a password-based encryption scheme; throws `DerError` with one text for whatever goes wrong in it. */
  async decrypt(algorithm: AlgorithmIdentifier, ciphertext: Buffer): Promise<Buffer> {
    const { cipher, key, iv } = algorithm.oid === PBES2 ? await this.pbes2(algorithm) : await this.pbes1(algorithm);
    try {
      return cipher.decrypt(key, iv, ciphertext);
    } catch (cause) {
      throw wrongPassword({ cause });
    }
  }

  private async pbes1(algorithm: AlgorithmIdentifier): Promise<{ cipher: Cipher; key: Buffer; iv: Buffer }> {
    const cipher = PKCS12_CIPHERS[algorithm.oid];
    if (cipher === undefined) throw unsupported('encryption');
    const salted = readSalted(parameters(algorithm));
    const key = await this.pkcs12Derive('sha1', Purpose.key, salted, cipher.keyLength);
    return { cipher, key, iv: await this.pkcs12Derive('sha1', Purpose.iv, salted, cipher.blockLength) };
  }

  private async pbes2(algorithm: AlgorithmIdentifier): Promise<{ cipher: Cipher; key: Buffer; iv: Buffer }> {
    const reader = parameters(algorithm);
    const derivation = readAlgorithmIdentifier(reader, `${WHAT} key derivation`);
    const scheme = readAlgorithmIdentifier(reader, `${WHAT} encryption`);
    const cipher = PBES2_CIPHERS[scheme.oid];
    if (cipher === undefined) throw unsupported('encryption');
    const iv = scheme.parameters?.tag === Tag.OCTET_STRING ? scheme.parameters.content : undefined;
    if (iv?.length !== cipher.blockLength) throw new DerError(`${WHAT}: bad initialisation vector`);
    return { cipher, key: await this.pbkdf2(derivation, cipher.keyLength), iv };
  }

  private async pbmac1(algorithm: AlgorithmIdentifier, content: Buffer): Promise<Buffer> {
    const reader = parameters(algorithm);
    const derivation = readAlgorithmIdentifier(reader, `${WHAT} key derivation`);
    const name = hmacDigestFromOid(readAlgorithmIdentifier(reader, `${WHAT} MAC`).oid);
    if (name === undefined) throw unsupported('MAC');
    return createHmac(name, await this.pbkdf2(derivation, digestLength(name)))
      .update(content)
      .digest();
  }

  private async pbkdf2(derivation: AlgorithmIdentifier, length: number): Promise<Buffer> {
    const read = readPbkdf2(derivation, `${WHAT} key derivation`);
    if (read === undefined) throw unsupported('key derivation');
    this.spend(read.iterations);
    return derivePbkdf2(this.password, read, length);
  }

  /** The key derivation of RFC 7292 appendix B.2. */
  private async pkcs12Derive(
    name: DigestName,
    purpose: number,
    { salt, iterations }: Salted,
    length: number,
  ): Promise<Buffer> {
    this.spend(iterations * Math.ceil(length / digestLength(name)));
    const block = name === 'sha384' || name === 'sha512' ? 128 : 64;
    const diversifier = Buffer.alloc(block, purpose);
    const input = Buffer.concat([repeated(salt, block), repeated(this.bmp, block)]);
    const parts: Buffer[] = [];
    for (let have = 0; have < length; have += digestLength(name)) {
      let part = digest(name, diversifier, input);
      for (let i = 1; i < iterations; i++) {
        part = digest(name, part);
        if (i % ITERATIONS_A_TURN === 0) await nextTurn();
      }
      parts.push(part);
      addToBlocks(input, repeated(part, block).subarray(0, block));
    }
    return Buffer.concat(parts).subarray(0, length);
  }

  private spend(iterations: number): void {
    this.iterationsLeft -= iterations;
    if (this.iterationsLeft < 0) throw new DerError(`${WHAT}: too many iterations; ${REWRITE_ADVICE}`);
  }
}

/** The one answer to a password that does not open the file, and to a file that was changed. */
export const wrongPassword = (options?: ErrorOptions): DerError =>
  new DerError(`${WHAT}: wrong password or damaged file`, options);

const unsupported = (part: string): DerError =>
  new DerError(`${WHAT}: ${part} algorithm is not supported; ${REWRITE_ADVICE}`);

function parameters({ parameters: element }: AlgorithmIdentifier): DerReader {
  if (element === undefined) throw new DerError(`${WHAT}: algorithm without parameters`);
  return element.open(`${WHAT} parameters`);
}

function readSalted(reader: DerReader): Salted {
  const salt: Tlv = reader.expect(Tag.OCTET_STRING, `${WHAT} salt`);
  const count = reader.optional(Tag.INTEGER, `${WHAT} iterations`);
  const iterations = count === undefined ? 1 : readSmallInteger(count, `${WHAT} iterations`);
  if (iterations === 0) throw new DerError(`${WHAT}: no iterations`);
  return { salt: salt.content, iterations };
}

/** Copies of `bytes` that fill whole blocks, the last one cut; nothing stays nothing. */
const repeated = (bytes: Buffer, block: number): Buffer =>
  Buffer.alloc(Math.ceil(bytes.length / block) * block, bytes.length === 0 ? 0 : bytes);

/** Adds `addend` + 1 to each block of `input`, as a big-endian number modulo 2 to the power of its bits. */
function addToBlocks(input: Buffer, addend: Buffer): void {
  for (let start = 0; start < input.length; start += addend.length) {
    let carry = 1;
    for (let i = addend.length - 1; i >= 0; i--) {
      carry += (input[start + i] as number) + (addend[i] as number);
      input[start + i] = carry & 0xff;
      carry >>= 8;
    }
  }
}
