import { SystemRandomSource } from '../common/random-source';
import { KeyEncryptionKey, sealingKeyId } from './key-encryption-key';

const random = new SystemRandomSource();
const OLD = '11'.repeat(32);
const NEW = '22'.repeat(32);

describe('KeyEncryptionKey', () => {
  const key = KeyEncryptionKey.parse(OLD, random);
  const secret = Buffer.from('a private key');

  it('opens what it sealed with the same context', () => {
    expect(key.open(key.seal(secret, 'keys/1'), 'keys/1')).toEqual(secret);
  });

  it('seals an empty secret', () => {
    expect(key.open(key.seal(Buffer.alloc(0), 'keys/1'), 'keys/1')).toEqual(Buffer.alloc(0));
  });

  it('refuses a value that was moved to another row', () => {
    expect(() => key.open(key.seal(secret, 'keys/1'), 'keys/2')).toThrow('belongs to another row');
  });

  it('never seals twice to the same bytes', () => {
    expect(key.seal(secret, 'keys/1')).not.toEqual(key.seal(secret, 'keys/1'));
  });

  it('does not hold the secret in the sealed value', () => {
    expect(key.seal(secret, 'keys/1').includes(secret)).toBe(false);
  });

  it.each(Array.from({ length: 1 + 8 + 12 + 16 + secret.length }, (_, i) => i))('notices a change of byte %i', (at) => {
    const sealed = key.seal(secret, 'keys/1');
    sealed[at] = sealed[at]! ^ 1;
    expect(() => key.open(sealed, 'keys/1')).toThrow();
  });

  it.each([0, 1, 8, 36])('refuses a sealed value cut to %i bytes', (length) => {
    expect(() => key.open(key.seal(secret, 'keys/1').subarray(0, length), 'keys/1')).toThrow('unknown form');
  });

  it('seals under the first key of the file and opens under all of them', () => {
    const rotated = KeyEncryptionKey.parse(`# new first\n${NEW}\n\n${OLD}\n`, random);
    const before = key.seal(secret, 'keys/1');
    expect(rotated.open(before, 'keys/1')).toEqual(secret);
    const after = rotated.seal(secret, 'keys/1');
    expect(sealingKeyId(after)).toBe(rotated.keyIds[0]);
    expect(sealingKeyId(before)).toBe(rotated.keyIds[1]);
    expect(() => key.open(after, 'keys/1')).toThrow(rotated.keyIds[0]);
  });

  it('reads the same key in hexadecimal and base64, in lines with any end', () => {
    const base64 = Buffer.from(OLD, 'hex').toString('base64');
    for (const text of [OLD, `${OLD}\n`, `${OLD.toUpperCase()}\r\n`, `  ${base64}\r\n`])
      expect(KeyEncryptionKey.parse(text, random).keyIds).toEqual(key.keyIds);
  });

  it.each([
    ['', 'holds no key'],
    ['# only a comment\n', 'holds no key'],
    [`${OLD}\n${OLD.slice(2)}`, 'line 2'],
    [`${OLD}\n\n${OLD}`, 'line 3 of the key-encryption key file repeats'],
    ['correct horse battery staple', 'line 1'],
  ])('refuses the file %j', (text, message) => {
    expect(() => KeyEncryptionKey.parse(text, random)).toThrow(message);
  });

  it('names no part of a bad line', () => {
    const bad = `${OLD}7`;
    expect(() => KeyEncryptionKey.parse(bad, random)).toThrow(expect.not.stringContaining('1111') as Error);
  });

  it('shows no key when it is printed', () => {
    expect(JSON.stringify(key)).not.toContain('1111');
  });
});
