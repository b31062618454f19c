import { generateKeyPairSync } from 'node:crypto';
import { DerError } from '../der/der-error';
import { PrivateKey } from './private-key';

describe('PrivateKey', () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const data = Buffer.from('data');

  it('reads PEM of each kind, with a passphrase where there is one', () => {
    const encrypted = privateKey.export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'open' });
    const kinds = [
      PrivateKey.fromPem(privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()),
      PrivateKey.fromPem(privateKey.export({ format: 'pem', type: 'pkcs1' }).toString()),
      PrivateKey.fromPem(encrypted.toString(), 'open'),
    ];
    for (const key of kinds) {
      expect(key.modulusBytes).toBe(256);
      expect(key.publicKey.verify('sha384', data, key.sign('sha384', data))).toBe(true);
    }
  });

  it('signs with EC keys', () => {
    const { privateKey: curve } = generateKeyPairSync('ec', { namedCurve: 'P-384' });
    const key = PrivateKey.fromPem(curve.export({ format: 'pem', type: 'sec1' }).toString());
    expect(key.publicKey.verify('sha256', data, key.sign('sha256', data))).toBe(true);
  });

  it('does not repeat what it could not read', () => {
    const encrypted = privateKey.export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'open' });
    const message = 'private key: cannot be read, or the passphrase is wrong';
    expect(() => PrivateKey.fromPem(encrypted.toString(), 'wrong')).toThrow(new DerError(message));
    expect(() => PrivateKey.fromPem(encrypted.toString())).toThrow(new DerError(message));
    expect(() => PrivateKey.fromPkcs8(Buffer.from('secret'))).toThrow(new DerError(message));
  });

  it('takes no other kinds of key', () => {
    const edwards = generateKeyPairSync('ed25519').privateKey.export({ format: 'der', type: 'pkcs8' });
    expect(() => PrivateKey.fromPkcs8(edwards)).toThrow('neither RSA nor EC');
  });
});
