import { CHALLENGE_DEFAULTS } from '../challenges/challenge-settings';
import { ALIAS_DEFAULTS, type AliasSettings } from '../aliases/alias';
import { RA_DEFAULTS } from '../aliases/ra-settings';
import {
  examinedAlias,
  examinedAuthority,
  examinedProfile,
  examinedRa,
  examinedRoot,
} from '../../test/support/examined-alias';
import type { ExaminedCertificate } from './alias-under-examination';
import { examine } from './examination';
import { FINDING_LEVELS } from './finding';

type Changes = NonNullable<Parameters<typeof examinedAlias>[0]>;

const found = (changes: Changes): string[] =>
  examine(examinedAlias(changes)).map(({ level, rule }) => `${level} ${rule}`);

const accepting = (changes: Partial<AliasSettings['algorithms']['accept']>): Partial<AliasSettings> => ({
  algorithms: { reply: 'mirror', accept: { ...ALIAS_DEFAULTS.algorithms.accept, ...changes } },
});

const signOnly = { ...examinedRoot, keyUsage: new Set(['digitalSignature', 'keyCertSign', 'cRLSign'] as const) };
const certifyOnly = { ...examinedRoot, keyUsage: new Set(['keyCertSign', 'cRLSign'] as const) };
const ecRoot = { ...certifyOnly, key: { type: 'ec', bits: 256 } as const };
const until = (day: string) => ({ notAfter: new Date(`${day}T00:00:00Z`) });
const ending = (day: string) => ({ ...examinedRoot, ...until(day) });
const daily = { ...CHALLENGE_DEFAULTS, kind: 'daily' } as const;
const open = { ...CHALLENGE_DEFAULTS, kind: 'open' } as const;
const opened = (certificate: ExaminedCertificate) => ({ ...certificate, opens: true });
const withRa = (root = examinedRoot, ra = examinedRa) =>
  examinedAuthority({ raCertificates: [ra], shown: [ra, root].map(opened), signing: ra, encrypting: ra }, root);
const below = (order: 'issuerFirst' | 'rootFirst') => {
  const [ca, root] = [opened(examinedRoot), { ...examinedRoot, opens: false }];
  return examinedAuthority({ chain: [root], shown: order === 'rootFirst' ? [root, ca] : [ca, root] });
};
const pair = examinedAuthority({
  raCertificates: [examinedRa, examinedRa],
  shown: [examinedRa, examinedRa, examinedRoot].map(opened),
});
const profile = (changes: Partial<typeof examinedProfile>) => ({
  certificateProfiles: [{ ...examinedProfile, ...changes }],
});
const named = (name: string) => examinedAuthority({ name });

describe('an alias with which nothing is wrong', () => {
  it.each<[string, Changes]>([
    ['where the CA speaks SCEP itself', {}],
    ['where an RA certificate does', { authorities: [withRa(certifyOnly)] }],
    ['where the CA has an EC key and an RA certificate', { authorities: [withRa(ecRoot)] }],
    [
      'whose CA certificate says nothing of key usages',
      { authorities: [examinedAuthority({}, { ...examinedRoot, keyUsage: undefined })] },
    ],
    [
      'whose clients get what they need',
      {
        needs: {
          root: true,
          digests: ['sha256'],
          ciphers: ['3des', 'aes128'],
          capabilities: ['AES'],
          caIdentifier: 'default',
        },
      },
    ],
  ])('%s', (_, changes) => {
    expect(found(changes)).toEqual([]);
  });
});

describe('what is told', () => {
  it.each<[string, Changes, string[]]>([
    ['a disabled alias', { settings: { enabled: false } }, ['error alias.disabled']],
    [
      'no authority that can answer',
      { authorities: [], unavailableAuthorities: ['Devices'] },
      ['error authority.unavailable'],
    ],
    ['one authority of two that cannot', { unavailableAuthorities: ['Other'] }, ['warning authority.unavailable']],
    ['a disabled certificate profile', profile({ enabled: false }), ['error certificate-profile.disabled']],
    [
      'one disabled profile of two',
      { certificateProfiles: [examinedProfile, { ...examinedProfile, name: 'B', enabled: false }] },
      ['warning certificate-profile.disabled'],
    ],
    [
      'an officer where clients cannot wait',
      { needs: { cannotPoll: true }, settings: { challenge: { ...CHALLENGE_DEFAULTS, kind: 'approval' } } },
      ['error approval.client-cannot-wait'],
    ],
    [
      'the same for enrolments alone',
      { needs: { cannotPoll: true }, settings: { approval: { enrolment: true, renewal: false, expiresAfter: '7d' } } },
      ['error approval.client-cannot-wait'],
    ],
    [
      'the same in RA mode, for names that are taken',
      {
        needs: { cannotPoll: true },
        settings: { operationalMode: 'RA', ra: { ...RA_DEFAULTS, existingEndEntity: 'approval' }, challenge: daily },
      },
      ['error approval.client-cannot-wait'],
    ],

    [
      'C-06: a CA that may not sign answers',
      { authorities: [examinedAuthority({}, certifyOnly)] },
      ['error ca.signature-usage', 'error ca.encryption-usage', 'error ca.no-usable-certificate'],
    ],
    [
      'C-06: a CA that may not be encrypted to',
      { authorities: [examinedAuthority({}, signOnly)] },
      ['error ca.encryption-usage', 'error ca.no-usable-certificate'],
    ],
    [
      'I-34: an RA certificate that is not shown',
      { authorities: [{ ...withRa(certifyOnly), shown: [opened(certifyOnly)] }] },
      ['error ca.no-usable-certificate'],
    ],
    [
      'an EC key where the RA certificate is not shown',
      { authorities: [{ ...withRa(ecRoot), shown: [opened(ecRoot)] }] },
      ['error ca.no-usable-certificate'],
    ],
    [
      'a key usage that clients demand of the CA',
      { needs: { encryptionKeyUsage: ['keyEncipherment', 'dataEncipherment'] } },
      ['error ca.client-usage'],
    ],
    ['an alias that lets everyone in', { settings: { challenge: open } }, ['warning challenge.open']],
    [
      'nothing that authenticates',
      { settings: { enabled: false, challenge: { ...CHALLENGE_DEFAULTS, kind: 'static' } } },
      ['error alias.disabled', 'error challenge.missing'],
    ],
    [
      'a root that looks like the CA to clients that choose by key usage',
      { needs: { choosesByKeyUsage: true }, authorities: [below('rootFirst')] },
      ['error ca.wrong-choice'],
    ],
    [
      'the same behind the CA',
      { needs: { choosesByKeyUsage: true }, authorities: [below('issuerFirst')] },
      ['warning ca.wrong-choice'],
    ],
    ['the same where clients choose otherwise', { authorities: [below('rootFirst')] }, []],
    [
      'I-29: an RA certificate for other purposes',
      { authorities: [withRa(examinedRoot, { ...examinedRa, extendedKeyUsage: ['1.3.6.1.5.5.7.3.2'] })] },
      ['warning ra.purpose'],
    ],
    [
      'RA certificates where the CA has to speak itself',
      { needs: { raCertificates: ['none'] }, authorities: [withRa()] },
      ['error ra.client'],
    ],
    [
      'a pair where there has to be one',
      { needs: { raCertificates: ['none', 'single'] }, authorities: [pair] },
      ['error ra.client'],
    ],
    ['no pair where there has to be one', { needs: { raCertificates: ['pair'] } }, ['error ra.client']],
    [
      'an EC issuer for clients that know RSA',
      { needs: { keys: { types: ['rsa'] } }, authorities: [withRa(ecRoot)] },
      ['warning ca.ec-key'],
    ],

    [
      'no root for clients that need it',
      { needs: { root: true }, authorities: [examinedAuthority({}, { ...examinedRoot, isSelfIssued: false })] },
      ['error ca.root-missing'],
    ],
    [
      'too many certificates',
      { needs: { singleCertificate: true }, authorities: [withRa()] },
      ['error ca.too-many-certificates'],
    ],
    [
      'no CA certificate in the reply',
      { needs: { caCertificateInReply: 'required' }, settings: { includeCaCertificate: 'none' } },
      ['error reply.ca-certificate-missing'],
    ],
    [
      'a CA certificate in the reply',
      { needs: { caCertificateInReply: 'forbidden' } },
      ['error reply.ca-certificate-included'],
    ],

    [
      'an expired CA',
      { authorities: [examinedAuthority({}, { ...examinedRoot, notAfter: new Date('2026-05-31T00:00:00Z') })] },
      ['error ca.expired'],
    ],
    [
      'a CA of the future',
      { authorities: [examinedAuthority({}, { ...examinedRoot, notBefore: new Date('2026-06-01T00:00:01Z') })] },
      ['error ca.not-yet-valid'],
    ],
    [
      'an expired root above',
      {
        authorities: [examinedAuthority({ chain: [{ ...examinedRoot, notAfter: new Date('2026-05-31T00:00:00Z') }] })],
      },
      ['error ca.expired'],
    ],
    [
      'a CA that expires soon',
      { authorities: [examinedAuthority({}, { ...examinedRoot, notAfter: new Date('2026-07-01T00:00:00Z') })] },
      ['warning ca.expiring'],
    ],
    [
      'the same with a successor',
      {
        authorities: [
          examinedAuthority(
            { next: { startsAt: new Date('2026-06-20T00:00:00Z') } },
            { ...examinedRoot, notAfter: new Date('2026-07-01T00:00:00Z') },
          ),
        ],
      },
      ['note rollover.planned'],
    ],
    [
      'an RA certificate that ends with its CA',
      { authorities: [withRa(ending('2026-06-20'), { ...examinedRa, ...until('2026-06-20') })] },
      ['warning ca.expiring'],
    ],
    [
      'an RA certificate that nobody renewed',
      { authorities: [withRa(examinedRoot, { ...examinedRa, notAfter: new Date('2026-06-20T00:00:00Z') })] },
      ['warning ra.expiring'],
    ],
    [
      'a rollover that devices are not told of',
      {
        settings: { rollover: { enabled: false } },
        authorities: [examinedAuthority({ next: { startsAt: new Date('2027-01-01T00:00:00Z') } })],
      },
      ['warning rollover.silent'],
    ],
    [
      'an overlap',
      { authorities: [examinedAuthority({ previous: { opensUntil: new Date('2026-06-03T00:00:00Z') } })] },
      ['note rollover.overlap'],
    ],
    [
      'an overlap that is over',
      { authorities: [examinedAuthority({ previous: { opensUntil: new Date('2026-05-31T00:00:00Z') } })] },
      [],
    ],

    ['no digest in common', { needs: { digests: ['md5'] } }, ['error algorithms.no-common-digests']],
    ['no cipher in common', { needs: { ciphers: ['des'] } }, ['error algorithms.no-common-ciphers']],
    [
      'answers that cannot be read',
      {
        needs: { digests: ['sha1'] },
        settings: { algorithms: { ...accepting({ digests: ['sha1', 'sha256'] }).algorithms!, reply: 'fixed' } },
      },
      ['error algorithms.unreadable-digests', 'note algorithms.ageing'],
    ],
    [
      'broken algorithms',
      { settings: accepting({ digests: ['md5', 'sha256'], ciphers: ['des', 'aes128'] }) },
      ['warning algorithms.broken'],
    ],
    [
      'broken algorithms that cannot be helped',
      {
        needs: { digests: ['md5'], ciphers: ['des'] },
        settings: accepting({ digests: ['md5', 'sha256'], ciphers: ['des', 'aes128'] }),
      },
      ['note algorithms.broken'],
    ],
    [
      'broken algorithms though the clients know better',
      { needs: { digests: ['md5', 'sha256'] }, settings: accepting({ digests: ['md5', 'sha256'] }) },
      ['warning algorithms.broken'],
    ],
    [
      'ageing algorithms',
      { settings: accepting({ digests: ['sha1', 'sha256'], ciphers: ['3des', 'aes128'] }) },
      ['note algorithms.ageing'],
    ],
    ['short keys', { settings: accepting({ minimumRsaBits: 1024 }) }, ['warning algorithms.short-keys']],
    [
      'short keys that cannot be helped',
      {
        ...profile({ minimumRsaBits: 1024 }),
        needs: { keys: { types: ['rsa'], largestRsaBits: 1024 } },
        settings: accepting({ minimumRsaBits: 1024 }),
      },
      ['note algorithms.short-keys'],
    ],
    [
      'keys that are too large for the clients',
      { needs: { keys: { types: ['rsa'], largestRsaBits: 1024 } } },
      ['error keys.alias-minimum', 'error keys.profile-minimum'],
    ],
    [
      'no curves for EC clients',
      {
        needs: { keys: { types: ['ec'] } },
        settings: accepting({ ecCurves: [] }),
        ...profile({ keyAlgorithms: ['rsa'] }),
      },
      ['error keys.no-curves', 'error keys.profile-algorithm'],
    ],
    [
      'a capability that clients insist on',
      { needs: { capabilities: ['SHA-512', 'DES3', 'AES'] } },
      ['error capabilities.missing'],
    ],

    ['upper case for clients that lower it', { needs: { lowerCasesCaName: true } }, ['note ca-name.upper-case']],
    [
      'names that differ in case alone',
      { needs: { lowerCasesCaName: true }, authorities: [named('vpnca'), named('VpnCA')] },
      ['error ca-name.ambiguous'],
    ],
    [
      'a fixed identifier under the strict policy',
      { needs: { caIdentifier: 'MobileIronSCEP' }, settings: { caIdentifierPolicy: 'strict' } },
      ['error ca-name.unknown-identifier'],
    ],
    [
      'the same where an authority has that name',
      {
        needs: { caIdentifier: 'MobileIronSCEP' },
        settings: { caIdentifierPolicy: 'strict' },
        authorities: [named('mobileironscep')],
      },
      [],
    ],
    [
      'an attribute that clients cannot read',
      { needs: { unreadableAttributes: ['2.5.4.3'] } },
      ['error ca-name.unreadable-attribute'],
    ],

    ['nobody to enrol', { hasEnrollingEndEntity: false }, ['note end-entity.none']],
    [
      'RA mode, where nobody has to be there',
      { settings: { operationalMode: 'RA', challenge: open }, hasEnrollingEndEntity: false },
      ['warning challenge.open'],
    ],
    [
      'RA mode for clients that cannot work in it',
      { settings: { operationalMode: 'RA', challenge: open }, needs: { operationalMode: 'CA' } },
      ['error alias.operational-mode', 'warning challenge.open'],
    ],
  ])('%s', (_, changes, expected) => {
    expect(found(changes)).toEqual(expected);
  });

  it('comes with the worst first', () => {
    const levels = examine(
      examinedAlias({ hasEnrollingEndEntity: false, publicUrlIsSet: false, settings: { enabled: false } }),
    ).map(({ level }) => level);
    expect(levels).toEqual(FINDING_LEVELS);
  });
});
