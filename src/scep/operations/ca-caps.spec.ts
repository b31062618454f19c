import type { Alias } from '../../aliases/alias';
import { getCaCaps } from './ca-caps';

const alias = (digests: string[], ciphers: string[], renews = false): Alias =>
  ({ renewal: { enabled: renews }, algorithms: { accept: { digests, ciphers } } }) as unknown as Alias;

const caps = (digests: string[], ciphers: string[], renews?: boolean, announcesNext = false): string =>
  getCaCaps(alias(digests, ciphers, renews), announcesNext).body.toString();

describe('GetCACaps', () => {
  it('B-02, B-03: exact keywords, one a line', () => {
    expect(caps(['sha256', 'sha512'], ['aes128', 'aes256'])).toBe(
      'POSTPKIOperation\nSHA-512\nSHA-256\nAES\nSCEPStandard\n',
    );
  });

  it('B-04, I-10: text/plain without parameters', () => {
    expect(getCaCaps(alias([], []), false).contentType).toBe('text/plain');
  });

  it('names SHA-384, without which strongSwan before 5.9.11 does not use AES', () => {
    expect(caps(['sha256', 'sha384'], ['aes128'])).toContain('SHA-384\n');
  });

  it('K-02: names 3DES and SHA-1 where the alias accepts them', () => {
    expect(caps(['sha1', 'sha256'], ['3des', 'aes128'])).toMatch(/^SHA-1$[^]*^DES3$/m);
  });

  // B-07: SCEPStandard stands for AES and SHA-256 together
  it.each([
    [['sha256'], ['3des']],
    [['sha1'], ['aes128']],
    [['sha512'], ['aes256']],
  ])('B-07: no SCEPStandard for %j with %j', (digests, ciphers) => {
    expect(caps(digests, ciphers)).not.toContain('SCEPStandard');
  });

  it('B-08: names Renewal exactly where the alias renews', () => {
    expect(caps(['sha256'], ['aes128'], true)).toMatch(/^Renewal$/m);
    expect(caps(['sha256'], ['aes128'], false)).not.toContain('Renewal');
  });

  it('B-08, D-05: names GetNextCACert exactly where there is something to answer', () => {
    expect(caps(['sha256'], ['aes128'], true, true)).toMatch(/^GetNextCACert$/m);
    expect(caps(['sha256'], ['aes128'], true, false)).not.toContain('GetNextCACert');
  });

  it('K-03: has no word for MD5 and DES', () => {
    expect(caps(['md5'], ['des'])).toBe('POSTPKIOperation\n');
  });

  it('I-12: stays below 1024 bytes', () => {
    const all = caps(
      ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'],
      ['des', '3des', 'aes128', 'aes192', 'aes256'],
    );
    expect(all.length).toBeLessThan(1024);
  });
});
