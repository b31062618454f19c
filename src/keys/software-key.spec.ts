import { constants, generateKeyPairSync, publicEncrypt } from 'node:crypto';
import { PublicKey } from '../pki/x509/public-key';
import { SoftwareDecrypter, SoftwareSigner, substituteSecret } from './software-key';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-384' });
const secretOf = (key: typeof rsa.privateKey): Buffer => substituteSecret(key.export({ format: 'der', type: 'pkcs8' }));

describe('SoftwareSigner', () => {
  it.each([
    ['RSA', rsa],
    ['EC', ec],
  ])('makes %s signatures that its public key verifies', (_, { publicKey, privateKey }) => {
    const signer = new SoftwareSigner(PublicKey.read(publicKey.export({ format: 'der', type: 'spki' })), privateKey);
    const data = Buffer.from('to be signed');
    for (const digest of ['sha1', 'sha256', 'sha384', 'sha512'] as const)
      expect(signer.publicKey.verify(digest, data, signer.sign(digest, data))).toBe(true);
  });
});

describe('SoftwareDecrypter', () => {
  const decrypter = new SoftwareDecrypter(2048, rsa.privateKey, secretOf(rsa.privateKey));

  it('undoes the RSA public operation and no padding', () => {
    const block = Buffer.alloc(256, 5);
    block[0] = 0;
    const ciphertext = publicEncrypt({ key: rsa.publicKey, padding: constants.RSA_NO_PADDING }, block);
    expect(decrypter.raw(ciphertext)).toEqual(block);
  });

  it.each([
    ['longer than the modulus', Buffer.alloc(257, 1)],
    ['shorter than the modulus', Buffer.alloc(255, 1)],
    ['empty', Buffer.alloc(0)],
    ['not below the modulus', Buffer.alloc(256, 0xff)],
  ])('answers a ciphertext that is %s with zeroes, not with an error', (_, ciphertext) => {
    expect(decrypter.raw(ciphertext)).toEqual(Buffer.alloc(256));
  });

  it('substitutes the same bytes for the same ciphertext on every gateway', () => {
    const other = new SoftwareDecrypter(2048, rsa.privateKey, secretOf(rsa.privateKey));
    const ciphertext = Buffer.alloc(256, 3);
    for (const length of [0, 8, 16, 24, 32, 100])
      expect(decrypter.substitute(ciphertext, length)).toEqual(other.substitute(ciphertext, length));
    expect(decrypter.substitute(ciphertext, 100)).toHaveLength(100);
    expect(decrypter.substitute(ciphertext, 64).subarray(32)).not.toEqual(
      decrypter.substitute(ciphertext, 64).subarray(0, 32),
    );
  });

  it('substitutes other bytes for another ciphertext or another key', () => {
    const otherKey = new SoftwareDecrypter(2048, rsa.privateKey, secretOf(ec.privateKey));
    const ciphertext = Buffer.alloc(256, 3);
    expect(decrypter.substitute(Buffer.alloc(256, 4), 16)).not.toEqual(decrypter.substitute(ciphertext, 16));
    expect(otherKey.substitute(ciphertext, 16)).not.toEqual(decrypter.substitute(ciphertext, 16));
  });
});
