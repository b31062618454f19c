import { ALIAS_DEFAULTS, type AliasSettings } from '../aliases/alias';
import { CHALLENGE_DEFAULTS } from '../challenges/challenge-settings';
import { examinedAlias, examinedAuthority, examinedRoot } from '../../test/support/examined-alias';
import { examine } from './examination';

type Changes = NonNullable<Parameters<typeof examinedAlias>[0]>;

const accepting = (changes: Partial<AliasSettings['algorithms']['accept']>): Partial<AliasSettings> => ({
  algorithms: { reply: 'mirror', accept: { ...ALIAS_DEFAULTS.algorithms.accept, ...changes } },
});

describe('how it is mended', () => {
  const commands = (changes: Changes): readonly string[] =>
    examine(examinedAlias(changes)).flatMap((finding) => finding.commands);

  it('is a command that can be pasted', () => {
    const authority = examinedAuthority(
      { name: "O'Neill's CA" },
      { ...examinedRoot, keyUsage: new Set(['keyCertSign'] as const) },
    );
    expect(commands({ authorities: [authority] })[0]).toBe(
      String.raw`scep-gateway authority change 'O'\''Neill'\''s CA' --ra-certificate single`,
    );
  });

  it('is no kind of challenge that the mode does not have', () => {
    const challenge = { ...CHALLENGE_DEFAULTS, kind: 'open' } as const;
    const kindIn = (operationalMode: 'CA' | 'RA') => commands({ settings: { operationalMode, challenge } });
    expect(kindIn('CA')).toEqual(['scep-gateway alias change scep --set challenge.kind=end-entity']);
    expect(kindIn('RA')).toEqual(['scep-gateway alias change scep --set challenge.kind=one-time']);
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

  it('does not bring back what the command above it has taken away', () => {
    expect(commands({ settings: accepting({ digests: ['md5', 'sha1'], ciphers: ['des', '3des', 'aes256'] }) })).toEqual(
      [
        'scep-gateway alias change scep --set algorithms.accept.digests=sha1 --set algorithms.accept.ciphers=3des,aes256',
        'scep-gateway alias change scep --set algorithms.accept.digests=sha256 --set algorithms.accept.ciphers=aes256',
      ],
    );
  });
});
