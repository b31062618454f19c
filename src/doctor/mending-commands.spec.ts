import { ALIAS_DEFAULTS, type AliasSettings } from '../aliases/alias';
import { examinedAlias, examinedAuthority, examinedRa, examinedRoot } from '../../test/support/examined-alias';
import { examine } from './examination';

type Changes = NonNullable<Parameters<typeof examinedAlias>[0]>;

const accepting = (changes: Partial<AliasSettings['algorithms']['accept']>): Partial<AliasSettings> => ({
  algorithms: { reply: 'mirror', accept: { ...ALIAS_DEFAULTS.algorithms.accept, ...changes } },
});

const certifyOnly = { ...examinedRoot, keyUsage: new Set(['keyCertSign', 'cRLSign'] as const) };
const ecRoot = { ...certifyOnly, key: { type: 'ec', bits: 256 } as const };
const ecWith = (...raCertificates: readonly (typeof examinedRa)[]) => ({
  ...examinedAuthority({ raCertificates, signing: examinedRa, encrypting: examinedRa }, ecRoot),
  shown: [{ ...ecRoot, opens: true }],
});

describe('how it is mended', () => {
  const commands = (changes: Changes): readonly string[] =>
    examine(examinedAlias(changes)).flatMap((finding) => finding.commands);

  it('is a command that can be pasted', () => {
    const authority = examinedAuthority({ name: "O'Neill's CA" }, certifyOnly);
    expect(commands({ authorities: [authority] })[0]).toBe(
      String.raw`scep-gateway authority change 'O'\''Neill'\''s CA' --ra-certificate single`,
    );
  });

  it('keeps what is accepted and adds what is missing', () => {
    expect(commands({ needs: { digests: ['md5'] } })).toEqual([
      'scep-gateway alias change scep --set algorithms.accept.digests=sha256,sha384,sha512,md5',
    ]);
    expect(commands({ needs: { capabilities: ['SHA-1', 'DES3'] } })).toEqual([
      'scep-gateway alias change scep --set algorithms.accept.digests=sha256,sha384,sha512,sha1 --set algorithms.accept.ciphers=aes128,aes192,aes256,3des',
    ]);
  });

  it('takes what is broken away, and never leaves nothing', () => {
    expect(commands({ settings: accepting({ digests: ['md5'], ciphers: ['des', 'aes256'] }) })).toEqual([
      'scep-gateway alias change scep --set algorithms.accept.digests=sha256 --set algorithms.accept.ciphers=aes256',
    ]);
  });

  it('gives a CA with an EC key no command that it would be refused', () => {
    expect(commands({ needs: { raCertificates: ['none'] }, authorities: [ecWith(examinedRa)] })).toEqual([
      "scep-gateway authority create NAME --subject 'CN=NAME,O=…' --key-algorithm RSA-2048",
      'scep-gateway alias change scep --set authorities=NAME',
    ]);
    const withPair = { ...ecWith(examinedRa, examinedRa), shown: [examinedRa].map((one) => ({ ...one, opens: true })) };
    expect(commands({ needs: { raCertificates: ['none', 'single'] }, authorities: [withPair] })).toEqual([
      'scep-gateway authority change Devices --ra-certificate single',
    ]);
  });

  it('goes on to the end with a key usage that is missing, and plans no rollover twice', () => {
    const needs = { encryptionKeyUsage: ['dataEncipherment'] } as const;
    expect(commands({ needs })).toEqual([
      'scep-gateway authority change Devices --data-encipherment true',
      'scep-gateway authority rollover plan Devices --key same',
      'scep-gateway authority rollover activate Devices',
    ]);
    const planned = examinedAuthority({ next: { startsAt: new Date('2026-07-01T00:00:00Z') } });
    expect(new Set(commands({ needs, authorities: [planned] }))).toEqual(
      new Set(['scep-gateway authority rollover activate Devices']),
    );
  });

  it('does not bring back what the command above it has taken away', () => {
    expect(commands({ settings: accepting({ digests: ['md5', 'sha1'], ciphers: ['des', '3des', 'aes256'] }) })).toEqual(
      [
        'scep-gateway alias change scep --set algorithms.accept.digests=sha1 --set algorithms.accept.ciphers=3des,aes256',
        'scep-gateway alias change scep --set algorithms.accept.digests=sha256 --set algorithms.accept.ciphers=aes256',
      ],
    );
  });
});
