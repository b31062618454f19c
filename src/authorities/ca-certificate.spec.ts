import { generateKeyPairSync } from 'node:crypto';
import { PublicKey } from '../pki/x509/public-key';
import { caKeyUsage } from './ca-certificate';

const publicKey = (type: 'rsa' | 'ec'): PublicKey => {
  const key =
    type === 'rsa'
      ? generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey
      : generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey;
  return PublicKey.read(key.export({ format: 'der', type: 'spki' }));
};

const CERTIFIES = ['keyCertSign', 'cRLSign'];
const SPEAKS = ['digitalSignature', 'keyEncipherment'];

describe('the keyUsage of a CA certificate', () => {
  it.each([
    ['rsa', undefined, false, [...SPEAKS, ...CERTIFIES]],
    ['rsa', 'none', true, [...SPEAKS, 'dataEncipherment', ...CERTIFIES]],
    ['rsa', 'single', false, CERTIFIES],
    ['rsa', 'pair', true, CERTIFIES],
    ['ec', undefined, true, CERTIFIES],
  ] as const)(
    'C-06: of an %s key, RA certificates %s, dataEncipherment %s',
    (type, raCertificate, dataEncipherment, bits) => {
      expect(caKeyUsage(publicKey(type), { raCertificate, dataEncipherment })).toEqual(bits);
    },
  );
});
