import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { generatePrivateKey, keyAlgorithmName, readPrivateKey } from './key-generation';

const pkcs8 = (key: KeyObject): Buffer => key.export({ format: 'der', type: 'pkcs8' });

describe('generatePrivateKey', () => {
  it.each(['RSA-2048', 'EC-P256', 'EC-P384'] as const)('makes %s', async (algorithm) => {
    const { publicKey } = await generatePrivateKey(algorithm);
    expect(keyAlgorithmName(publicKey)).toBe(algorithm);
  });

  it('leaves the event loop free meanwhile', async () => {
    let turns = 0;
    let done = false;
    const generating = generatePrivateKey('RSA-3072').then(() => (done = true));
    while (!(done as boolean)) {
      await new Promise(setImmediate);
      turns++;
    }
    await generating;
    expect(turns).toBeGreaterThan(10);
  });
});

describe('readPrivateKey', () => {
  it('reads RSA and EC keys', () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    const ec = generateKeyPairSync('ec', { namedCurve: 'P-521' }).privateKey;
    expect(keyAlgorithmName(readPrivateKey(pkcs8(rsa)).publicKey)).toBe('RSA-2048');
    expect(keyAlgorithmName(readPrivateKey(pkcs8(ec)).publicKey)).toBe('EC-P521');
  });

  it.each([
    ['RSA with 1024 bits', pkcs8(generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey)],
    ['a curve that no device knows', pkcs8(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).privateKey)],
    ['Ed25519', pkcs8(generateKeyPairSync('ed25519').privateKey)],
    ['no key at all', Buffer.from('3000', 'hex')],
  ])('refuses %s', (_, bytes) => {
    expect(() => readPrivateKey(bytes)).toThrow(expect.objectContaining({ code: 'key-not-allowed' }) as Error);
  });

  it('refuses an EC key whose two halves belong to different keys', () => {
    const [one, other] = [0, 1].map(() => generateKeyPairSync('ec', { namedCurve: 'P-256' }));
    const mixed = pkcs8(one!.privateKey);
    const point = other!.publicKey.export({ format: 'der', type: 'spki' }).subarray(-65);
    point.copy(mixed, mixed.length - 65);
    expect(() => readPrivateKey(mixed)).toThrow(expect.objectContaining({ code: 'key-not-allowed' }) as Error);
  });
});
