import { ServiceError } from '../common/service-error';
import { DEVICE_PROFILES } from '../device-profiles/device-profile-catalogue';
import { ALIAS_DEFAULTS } from './alias';
import { checkedAlias } from './alias.input';

function problemsOf(given: unknown): readonly { field: string; message: string }[] {
  try {
    checkedAlias(given);
  } catch (error) {
    if (error instanceof ServiceError && error.code === 'invalid-input') return error.fields;
    throw error;
  }
  return [];
}

const fieldsOf = (given: unknown): string[] => [...new Set(problemsOf(given).map(({ field }) => field))];

describe('the settings of an alias', () => {
  it('have every default when nothing is given, and are frozen all the way down', () => {
    const { settings, authorities } = checkedAlias({});
    expect(settings).toEqual(ALIAS_DEFAULTS);
    expect(authorities).toBeUndefined();
    expect(Object.isFrozen(settings) && Object.isFrozen(settings.algorithms.accept.digests)).toBe(true);
  });

  it('take every field that has a default', () => {
    expect(fieldsOf(ALIAS_DEFAULTS)).toEqual([]);
  });

  it('by default accept no weak algorithm', () => {
    const { digests, ciphers, minimumRsaBits } = ALIAS_DEFAULTS.algorithms.accept;
    for (const weak of ['md5', 'sha1', 'sha224']) expect(digests).not.toContain(weak);
    for (const weak of ['des', '3des']) expect(ciphers).not.toContain(weak);
    expect(minimumRsaBits).toBeGreaterThanOrEqual(2048);
  });

  it('accept a weak algorithm where it is named', () => {
    const { settings } = checkedAlias({ algorithms: { accept: { digests: ['sha1', 'md5'], ciphers: ['des'] } } });
    expect(settings.algorithms.accept).toEqual({
      ...ALIAS_DEFAULTS.algorithms.accept,
      digests: ['sha1', 'md5'],
      ciphers: ['des'],
    });
  });

  it.each(DEVICE_PROFILES.map(({ name, aliasDefaults }) => [name, aliasDefaults] as const))(
    'with the device profile %s have what it recommends, which could be given as well',
    (deviceProfile, recommended) => {
      const { settings } = checkedAlias({ deviceProfile });
      expect(settings).toMatchObject(recommended);
      expect(checkedAlias({ ...recommended, deviceProfile }).settings).toEqual(settings);
    },
  );

  it('win over the device profile wherever they are given, one by one', () => {
    const { settings } = checkedAlias({
      deviceProfile: 'cisco-pix',
      algorithms: { accept: { digests: ['sha256'] } },
      caCertificateResponse: { singleCertificate: false, chain: null },
    });
    expect(settings.algorithms.accept).toMatchObject({ digests: ['sha256'], minimumRsaBits: 1024 });
    expect(settings.algorithms.accept.ciphers).toContain('des');
    expect(settings.caCertificateResponse).toEqual(ALIAS_DEFAULTS.caCertificateResponse);
  });

  it('without a device profile are those of the generic one', () => {
    expect(checkedAlias({ deviceProfile: null }).settings).toEqual(checkedAlias({ deviceProfile: 'generic' }).settings);
  });

  it.each([
    [{ authorities: [] }, 'authorities'],
    [{ authorities: ['A', 'A'] }, 'authorities'],
    [{ authorities: 'A' }, 'authorities'],
    [{ includeCaCertificate: true }, 'includeCaCertificate'],
    [{ caCertificateResponse: { rootFirst: true } }, 'caCertificateResponse.rootFirst'],
    [{ caCertificateResponse: [] }, 'caCertificateResponse'],
    [{ algorithms: { accept: { digests: [] } } }, 'algorithms.accept.digests'],
    [{ algorithms: { accept: { digests: ['sha3'] } } }, 'algorithms.accept.digests'],
    [{ algorithms: { accept: { ciphers: ['blowfish'] } } }, 'algorithms.accept.ciphers'],
    [{ algorithms: { accept: { keyTransports: ['none'] } } }, 'algorithms.accept.keyTransports'],
    [{ algorithms: { accept: { minimumRsaBits: 512 } } }, 'algorithms.accept.minimumRsaBits'],
    [{ algorithms: { reply: 'sha1' } }, 'algorithms.reply'],
    [{ challenge: { kind: 'none' } }, 'challenge.kind'],
    [{ deviceProfile: 'cisco' }, 'deviceProfile'],
    [{ caIdentifierPolicy: 'loose' }, 'caIdentifierPolicy'],
    [{ limits: { failedAttempts: 0 } }, 'limits.failedAttempts'],
    [{ limits: { lockoutFor: 1.5 } }, 'limits.lockoutFor'],
    [{ subjectSource: 'csr' }, 'subjectSource'],
    [{ renewal: true }, 'renewal'],
    [{ renewal: { allowed: true } }, 'renewal.allowed'],
    [{ renewal: { window: '0%' } }, 'renewal.window'],
    [{ renewal: { window: 30 } }, 'renewal.window'],
    [{ renewal: { graceAfterExpiry: '50%' } }, 'renewal.graceAfterExpiry'],
    [{ renewal: { ignoredSubjectAttributes: ['CN', 'nonsense'] } }, 'renewal.ignoredSubjectAttributes[1]'],
    [{ renewal: { fromAliases: ['no name'] } }, 'renewal.fromAliases'],
    [{ renewal: { fromAuthorities: 'Devices' } }, 'renewal.fromAuthorities'],
    [{ templates: { WebServer: 'SERVER' } }, 'templates'],
    [{ templates: ['WebServer'] }, 'templates[0]'],
    [{ templates: ['WebServer='] }, 'templates[0]'],
    [{ templates: ['=SERVER'] }, 'templates[0]'],
    [{ templates: ['1.40.1=SERVER'] }, 'templates[0]'],
    [{ templates: ['Web\u0007Server=SERVER'] }, 'templates[0]'],
    [{ templates: ['WebServer=SERVER', 'WEBSERVER=OTHER'] }, 'templates[1]'],
    [{ enabled: 'false' }, 'enabled'],
    [{ name: 'scep' }, 'name'],
  ])('refuse %j', (given, field) => {
    expect(fieldsOf(given)).toEqual([field]);
  });

  it('want a password in RA mode, unless the alias is disabled or the challenge another one', () => {
    expect(fieldsOf({ operationalMode: 'RA' })).toEqual(['ra.authenticationPassword']);
    for (const more of [
      { enabled: false },
      { challenge: { kind: 'approval' } },
      { ra: { authenticationPassword: 'x' } },
    ])
      expect(checkedAlias({ operationalMode: 'RA', ...more }).settings.operationalMode).toBe('RA');
  });

  it('have the challenge static in RA mode unless another one is given, and never one that is for registered end entities', () => {
    const ra = { authenticationPassword: 'x' };
    expect(checkedAlias({ operationalMode: 'RA', ra }).settings.challenge.kind).toBe('static');
    expect(checkedAlias({ operationalMode: 'CA', ra }).settings.challenge.kind).toBe('end-entity');
    for (const kind of ['end-entity', 'manufacturer'])
      expect(fieldsOf({ operationalMode: 'RA', ra, enabled: false, challenge: { kind } })).toEqual(['challenge.kind']);
  });

  it('have the authority that registers first', () => {
    expect(checkedAlias({ ra: { authority: 'Devices' } }).authorities).toEqual(['Devices']);
    expect(fieldsOf({ authorities: ['Other', 'Devices'], ra: { authority: 'Devices' } })).toEqual(['ra.authority']);
  });
});
