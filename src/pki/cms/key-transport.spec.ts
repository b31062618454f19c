import { DerError } from '../der/der-error';
import { readOnly } from '../der/der-reader';
import { Tag } from '../der/tag';
import { readAlgorithmIdentifier } from '../x509/algorithm-identifier';
import { DIGEST_NAMES } from '../x509/digest-name';
import {
  canWrapKey,
  type KeyTransport,
  keyTransportAlgorithm,
  keyTransportOf,
  PKCS1_KEY_TRANSPORT,
  replyKeyTransport,
  wrapKey,
} from './key-transport';
import { PrivateKey } from './private-key';

const read = (der: Buffer | string): KeyTransport | undefined => {
  const bytes = typeof der === 'string' ? Buffer.from(der.replace(/ /g, ''), 'hex') : der;
  return keyTransportOf(readAlgorithmIdentifier(readOnly(bytes, Tag.SEQUENCE, 'algorithm')));
};

describe('keyTransportOf', () => {
  it('reads rsaEncryption with and without NULL', () => {
    expect(read('300d 0609 2a864886f70d010101 0500')).toEqual({ scheme: 'pkcs1' });
    expect(read('300b 0609 2a864886f70d010101')).toEqual({ scheme: 'pkcs1' });
  });

  it('reads the defaults of OAEP, however they are left out', () => {
    const defaults = { scheme: 'oaep', digest: 'sha1', mgfDigest: 'sha1' };
    expect(read('300b 0609 2a864886f70d010107')).toEqual(defaults);
    expect(read('300d 0609 2a864886f70d010107 0500')).toEqual(defaults);
    expect(read('300d 0609 2a864886f70d010107 3000')).toEqual(defaults);
  });

  it('reads what openssl cms writes with rsa_oaep_md:sha256', () => {
    const openssl =
      '303c 0609 2a864886f70d010107 302f a00f 300d 0609 608648016503040201 0500' +
      'a11c 301a 0609 2a864886f70d010108 300d 0609 608648016503040201 0500';
    expect(read(openssl)).toEqual({ scheme: 'oaep', digest: 'sha256', mgfDigest: 'sha256' });
  });

  it('tells the digest of the label from the one of the mask, which Java leaves at SHA-1', () => {
    expect(read('301e 0609 2a864886f70d010107 3011 a00f 300d 0609 608648016503040201 0500')).toEqual({
      scheme: 'oaep',
      digest: 'sha256',
      mgfDigest: 'sha1',
    });
  });

  it('takes an empty label and no other', () => {
    expect(read('301e 0609 2a864886f70d010107 3011 a20f 300d 0609 2a864886f70d010109 0400')).toBeDefined();
    expect(read('301f 0609 2a864886f70d010107 3012 a210 300e 0609 2a864886f70d010109 0401 41')).toBeUndefined();
  });

  it('does not know other algorithms, digests and masks', () => {
    expect(read('300b 0609 2a864886f70d010108')).toBeUndefined();
    // an unknown digest, an unknown mask generation
    expect(read('3015 0609 2a864886f70d010107 3008 a006 3004 0602 2a03')).toBeUndefined();
    expect(read('3015 0609 2a864886f70d010107 3008 a106 3004 0602 2a03')).toBeUndefined();
  });

  it('throws for parameters that are none', () => {
    expect(() => read('300e 0609 2a864886f70d010107 020100')).toThrow(DerError);
  });

  it.each(DIGEST_NAMES)('reads what keyTransportAlgorithm writes: OAEP with %s', (digest) => {
    const transport: KeyTransport = { scheme: 'oaep', digest, mgfDigest: digest };
    expect(read(keyTransportAlgorithm(transport))).toEqual(transport);
    expect(replyKeyTransport({ ...transport, mgfDigest: 'sha1' })).toEqual(transport);
  });
});

describe('canWrapKey', () => {
  const keys = [512, 1024, 1032].map((bits) => PrivateKey.generateRsa(bits).publicKey);
  const transports: KeyTransport[] = [
    PKCS1_KEY_TRANSPORT,
    ...DIGEST_NAMES.map((digest): KeyTransport => ({ scheme: 'oaep', digest, mgfDigest: digest })),
  ];

  it.each(transports.map((transport) => [JSON.stringify(transport), transport] as const))(
    'says what wrapKey can do: %s',
    (_, transport) => {
      for (const key of keys)
        for (let length = 1; length <= key.bits / 8; length++) {
          const wrap = (): Buffer => wrapKey(transport, key, Buffer.alloc(length));
          if (canWrapKey(transport, key, length)) expect(wrap()).toHaveLength(key.bits / 8);
          else expect(wrap).toThrow(DerError);
        }
    },
  );

  it('is never so for an EC key', () => {
    const { publicKey } = PrivateKey.generateEc('P-521');
    expect(canWrapKey(PKCS1_KEY_TRANSPORT, publicKey, 16)).toBe(false);
  });
});
