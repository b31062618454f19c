import { createHash } from 'node:crypto';

import { DerError } from '../der/der-error';
import { DerReader } from '../der/der-reader';
import { NULL, oid, sequence } from '../der/der-writer';
import { algorithmIdentifier, readAlgorithmIdentifier } from './algorithm-identifier';
import { digest, DIGEST_NAMES, digestFromOid, digestLength, digestOid } from './digest-name';
import { Oid } from './oid';
import { readSignatureAlgorithm, signatureAlgorithm } from './signature-algorithm';

const read = (der: Buffer) => readSignatureAlgorithm(new DerReader(der));

describe('digest names', () => {
  it.each(DIGEST_NAMES)('%s', (name) => {
    const expected = createHash(name).update('abcdef').digest();
    expect(digest(name, Buffer.from('abcdef'))).toEqual(expected);
    expect(digest(name, Buffer.from('abc'), Buffer.from('def'))).toEqual(expected);
    expect(digest(name)).toEqual(createHash(name).digest());
    expect(digestLength(name)).toBe(expected.length);
    expect(digestFromOid(digestOid(name))).toBe(name);
  });

  it('knows no others', () => {
    expect(digestFromOid(Oid.rsaEncryption)).toBeUndefined();
  });
});

describe('signature algorithms', () => {
  it.each(DIGEST_NAMES)('rsa with %s comes back, with NULL parameters (RFC 4055)', (name) => {
    const der = signatureAlgorithm('rsa', name);
    expect(read(der)).toEqual({ keyType: 'rsa', digest: name });
    expect(der.subarray(-2)).toEqual(NULL);
  });

  it.each(DIGEST_NAMES.filter((name) => name !== 'md5'))('ec with %s comes back, without parameters', (name) => {
    const der = signatureAlgorithm('ec', name);
    expect(read(der)).toEqual({ keyType: 'ec', digest: name });
    expect(readAlgorithmIdentifier(new DerReader(der)).parameters).toBeUndefined();
  });

  it('has no ECDSA with MD5', () => {
    expect(() => signatureAlgorithm('ec', 'md5')).toThrow(RangeError);
  });

  it.each([
    [Oid.rsaEncryption, { keyType: 'rsa' }],
    [Oid.ecPublicKey, { keyType: 'ec' }],
    [Oid.oiwSha1WithRSA, { keyType: 'rsa', digest: 'sha1' }],
    [Oid.oiwMd5WithRSA, { keyType: 'rsa', digest: 'md5' }],
    ['1.3.101.112', undefined],
  ])('%s is %j, whatever the parameters', (type, expected) => {
    expect(read(algorithmIdentifier(type))).toEqual(expected);
    expect(read(algorithmIdentifier(type, NULL))).toEqual(expected);
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['no SEQUENCE', oid(Oid.rsaEncryption)],
    ['no identifier', sequence(NULL)],
    ['two parameters', sequence(oid(Oid.rsaEncryption), NULL, NULL)],
  ])('refuses %s', (_, der) => {
    expect(() => read(der)).toThrow(DerError);
  });
});
