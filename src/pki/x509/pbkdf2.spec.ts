import { DerReader } from '../der/der-reader';
import { integerFromContent, NULL, octetString, sequence } from '../der/der-writer';
import { DerError } from '../der/der-error';
import { algorithmIdentifier, readAlgorithmIdentifier } from './algorithm-identifier';
import { Oid } from './oid';
import { derivePbkdf2, pbkdf2Algorithm, type Pbkdf2Parameters, readPbkdf2 } from './pbkdf2';

const SALT = Buffer.from('1234567878563412', 'hex');
const read = (der: Buffer): Pbkdf2Parameters | undefined =>
  readPbkdf2(readAlgorithmIdentifier(new DerReader(der)), 'test');
const withParameters = (...parts: Buffer[]): Buffer => algorithmIdentifier(Oid.pbkdf2, sequence(...parts));
const number = (hex: string): Buffer => integerFromContent(Buffer.from(hex, 'hex'));

describe('PBKDF2', () => {
  it.each([
    ['password', 5, 8, 'd1daa78615f287e6'],
    [
      'All n-entities must communicate with other n-entities via n-1 entiteeheehees',
      500,
      24,
      '6a8970bf68c92caea84a8df28510858607126380cc47ab2d',
    ],
  ])('gives the keys of RFC 3211 section 3: %s', async (password, iterations, length, expected) => {
    const key = await derivePbkdf2(password, { salt: SALT, iterations, digest: 'sha1' }, length);
    expect(key.toString('hex')).toBe(expected);
  });

  it.each(['sha1', 'sha224', 'sha256', 'sha384', 'sha512'] as const)('reads what it writes: %s', (digest) => {
    const parameters = { salt: SALT, iterations: 20_000, digest };
    expect(read(pbkdf2Algorithm(parameters))).toEqual(parameters);
  });

  it('has no HMAC with MD5', () => {
    expect(() => pbkdf2Algorithm({ salt: SALT, iterations: 1, digest: 'md5' })).toThrow(RangeError);
  });

  it('reads the default, HMAC-SHA-1, and passes a length over', () => {
    const expected = { salt: SALT, iterations: 2048, digest: 'sha1' };
    expect(read(withParameters(octetString(SALT), number('0800')))).toEqual(expected);
    expect(read(withParameters(octetString(SALT), number('0800'), number('10')))).toEqual(expected);
  });

  it('does not know other algorithms, salts from elsewhere and other functions', () => {
    expect(read(algorithmIdentifier(Oid.sha256, sequence()))).toBeUndefined();
    expect(read(withParameters(algorithmIdentifier(Oid.sha256, NULL), number('01')))).toBeUndefined();
    const hmac = algorithmIdentifier(Oid.sha256, NULL);
    expect(read(withParameters(octetString(SALT), number('01'), hmac))).toBeUndefined();
  });

  it.each([
    ['no parameters', algorithmIdentifier(Oid.pbkdf2)],
    ['no count', withParameters(octetString(SALT))],
    ['a count of nothing', withParameters(octetString(SALT), number('00'))],
    ['a negative count', withParameters(octetString(SALT), number('ff'))],
    ['a count without end', withParameters(octetString(SALT), number('0100000000'))],
    ['more than there is to say', withParameters(octetString(SALT), number('01'), number('10'), octetString(SALT))],
  ])('refuses %s', (_, der) => {
    expect(() => read(der)).toThrow(DerError);
  });
});
