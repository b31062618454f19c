import { constants, generateKeyPairSync, type KeyObject, privateDecrypt, sign } from 'node:crypto';

import { DerError } from '../der/der-error';
import { bitString, integerFromContent, NULL, oid, sequence, unsignedInteger } from '../der/der-writer';
import { DIGEST_NAMES, type DigestName } from './digest-name';
import { Oid } from './oid';
import { PublicKey } from './public-key';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const spki = (key: KeyObject): Buffer => key.export({ format: 'der', type: 'spki' });
const rsaKey = PublicKey.read(spki(rsa.publicKey));
const ecPair = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve });
const data = Buffer.from('what is signed');

const rsaSpki = (modulus: Buffer, exponent: Buffer, parameters: Buffer[] = [NULL]): Buffer =>
  sequence(
    sequence(oid(Oid.rsaEncryption), ...parameters),
    bitString(sequence(integerFromContent(modulus), integerFromContent(exponent))),
  );
const oddOf = (bits: number): Buffer => {
  const modulus = Buffer.alloc(Math.ceil(bits / 8) + 1);
  modulus[modulus.length - 1] = 1;
  modulus[1] = 1 << ((bits - 1) % 8);
  return modulus;
};
const F4 = Buffer.of(1, 0, 1);

describe('PublicKey with RSA', () => {
  it('tells type and size', () => {
    expect([rsaKey.type, rsaKey.bits, rsaKey.curve]).toEqual(['rsa', 2048, undefined]);
    expect(rsaKey.hash.toString('hex')).toMatch(/^[0-9a-f]{64}$/);
    for (const modulusLength of [1024, 1025, 3072]) {
      const { publicKey } = generateKeyPairSync('rsa', { modulusLength });
      expect(PublicKey.read(spki(publicKey)).bits).toBe(modulusLength);
    }
  });

  it.each(DIGEST_NAMES)('verifies what node signs with %s, and nothing else', (digest) => {
    const signature = sign(digest, data, rsa.privateKey);
    expect(rsaKey.verify(digest, data, signature)).toBe(true);
    expect(rsaKey.verify(digest, Buffer.from('something else'), signature)).toBe(false);
    expect(rsaKey.verify(digest === 'md5' ? 'sha1' : 'md5', data, signature)).toBe(false);
    signature[10]! ^= 1;
    expect(rsaKey.verify(digest, data, signature)).toBe(false);
  });

  it.each([0, 1, 255, 257])('answers false to a signature of %d octets', (length) => {
    expect(rsaKey.verify('sha256', data, Buffer.alloc(length, 0xff))).toBe(false);
  });

  it('encrypts what node decrypts with OAEP', () => {
    for (const oaepHash of ['sha1', 'sha256', 'sha512'] as DigestName[]) {
      const options = { key: rsa.privateKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash };
      expect(privateDecrypt(options, rsaKey.encryptOaep(oaepHash, data))).toEqual(data);
    }
  });

  it('encrypts with PKCS #1 v1.5', () => {
    const padded = privateDecrypt(
      { key: rsa.privateKey, padding: constants.RSA_NO_PADDING },
      rsaKey.encryptPkcs1(data),
    );
    expect(padded.subarray(0, 2)).toEqual(Buffer.of(0, 2));
    expect(padded.subarray(-data.length - 1)).toEqual(Buffer.concat([Buffer.of(0), data]));
    expect(padded.subarray(2, -data.length - 1).includes(0)).toBe(false);
  });

  it('says so when the data is too long for the key', () => {
    expect(() => rsaKey.encryptPkcs1(Buffer.alloc(246))).toThrow(DerError);
    expect(() => rsaKey.encryptOaep('sha512', Buffer.alloc(127))).toThrow(DerError);
  });

  it('takes absent parameters and calls it the same key', () => {
    const { n, e } = rsa.publicKey.export({ format: 'jwk' });
    const modulus = Buffer.concat([Buffer.of(0), Buffer.from(n!, 'base64url')]);
    const bare = PublicKey.read(rsaSpki(modulus, Buffer.from(e!, 'base64url'), []));
    expect(bare.spki).not.toEqual(rsaKey.spki);
    expect(bare.equals(rsaKey)).toBe(true);
    expect(bare.verify('sha256', data, sign('sha256', data, rsa.privateKey))).toBe(true);
  });

  it('tells keys apart', () => {
    const other = PublicKey.read(spki(generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey));
    expect(other.equals(rsaKey)).toBe(false);
    expect(other.verify('sha256', data, sign('sha256', data, rsa.privateKey))).toBe(false);
  });

  it.each([
    ['512 bits', rsaSpki(oddOf(512), F4)],
    ['8192 bits', rsaSpki(oddOf(8192), F4)],
    ['the exponent 3', rsaSpki(oddOf(2048), Buffer.of(3))],
  ])('reads %s', (_, bytes) => {
    expect(PublicKey.read(bytes).type).toBe('rsa');
  });

  it.each([
    ['511 bits', rsaSpki(oddOf(511), F4), 'modulus of 511 bits'],
    ['8193 bits', rsaSpki(oddOf(8193), F4), 'modulus of 8193 bits'],
    ['a modulus of zero', rsaSpki(Buffer.of(0), F4), 'not positive'],
    ['a negative modulus', rsaSpki(Buffer.alloc(256, 0x81), F4), 'not positive'],
    ['an even modulus', rsaSpki(Buffer.concat([oddOf(2040), Buffer.of(0)]), F4), 'no RSA key'],
    ['an exponent of one', rsaSpki(oddOf(2048), Buffer.of(1)), 'no RSA key'],
    ['an even exponent', rsaSpki(oddOf(2048), Buffer.of(4)), 'no RSA key'],
    ['an exponent of nine octets', rsaSpki(oddOf(2048), Buffer.alloc(9, 1)), 'exponent is too large'],
    [
      'a modulus alone',
      sequence(sequence(oid(Oid.rsaEncryption), NULL), bitString(sequence(unsignedInteger(5)))),
      'early',
    ],
    ['bytes that are no key', sequence(sequence(oid(Oid.rsaEncryption), NULL), bitString(Buffer.of(5, 0))), 'tag'],
    [
      'unused bits',
      sequence(sequence(oid(Oid.rsaEncryption), NULL), bitString(Buffer.of(0x30, 0), 1)),
      'octet aligned',
    ],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => PublicKey.read(bytes)).toThrow(DerError);
    expect(() => PublicKey.read(bytes)).toThrow(message);
  });
});

describe('PublicKey on elliptic curves', () => {
  it.each([
    ['P-256', 256],
    ['P-384', 384],
    ['P-521', 521],
  ] as const)('reads %s and verifies', (curve, bits) => {
    const { publicKey, privateKey } = ecPair(curve);
    const key = PublicKey.read(spki(publicKey));
    expect([key.type, key.bits, key.curve]).toEqual(['ec', bits, curve]);
    const signature = sign('sha256', data, privateKey);
    expect(key.verify('sha256', data, signature)).toBe(true);
    expect(key.verify('sha384', data, signature)).toBe(false);
    expect(key.verify('sha256', data, signature.subarray(1))).toBe(false);
    expect(key.verify('sha256', data, Buffer.alloc(0))).toBe(false);
    expect(() => key.encryptPkcs1(data)).toThrow('cannot encrypt');
  });

  it('reads a compressed point', () => {
    const { publicKey, privateKey } = ecPair('P-256');
    const point = PublicKey.read(spki(publicKey)).subjectPublicKey;
    const compressed = Buffer.concat([Buffer.of(2 + (point.at(-1)! & 1)), point.subarray(1, 33)]);
    const key = PublicKey.read(sequence(sequence(oid(Oid.ecPublicKey), oid(Oid.secp256r1)), bitString(compressed)));
    expect(key.verify('sha256', data, sign('sha256', data, privateKey))).toBe(true);
  });

  const point = (bytes: Buffer, ...parameters: Buffer[]) =>
    sequence(sequence(oid(Oid.ecPublicKey), ...parameters), bitString(bytes));
  const offCurve = Buffer.concat([Buffer.of(4), Buffer.alloc(63), Buffer.of(1)]);

  it.each([
    ['a point off its curve', point(offCurve, oid(Oid.secp256r1)), 'no point on its curve'],
    ['the point at infinity', point(Buffer.of(0), oid(Oid.secp256r1)), 'no point on its curve'],
    ['no point', point(Buffer.alloc(0), oid(Oid.secp256r1)), 'no point on its curve'],
    ['a point of another curve', point(offCurve, oid(Oid.secp384r1)), 'no point on its curve'],
    ['no curve', point(offCurve), 'curve is missing'],
    ['parameters that are no named curve', point(offCurve, sequence()), 'no OBJECT IDENTIFIER'],
    ['secp256k1', spki(ecPair('secp256k1').publicKey), 'curve is not supported'],
    ['Ed25519', spki(generateKeyPairSync('ed25519').publicKey), 'algorithm is not supported'],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => PublicKey.read(bytes)).toThrow(DerError);
    expect(() => PublicKey.read(bytes)).toThrow(message);
  });
});
