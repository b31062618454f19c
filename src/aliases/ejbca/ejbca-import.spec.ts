import { mapLines, type PresentAlias } from './ejbca-import';
import { linesFor } from './ejbca-lines';

const fresh: PresentAlias = {
  operationalMode: 'CA',
  authorities: [],
  digests: ['sha256', 'sha384', 'sha512'],
  usesIntune: false,
  secretFields: [],
};

const mapped = (text: string, present: Partial<PresentAlias> = {}) =>
  mapLines(linesFor('scep', text).properties, { ...fresh, ...present });

const settings = (text: string, present: Partial<PresentAlias> = {}) => mapped(text, present).settings;

describe("an alias in EJBCA's form", () => {
  it("is read as EJBCA's own example writes it", () => {
    expect(mapped('scep.operationmode = ca\nuploaded.includeca = true\n')).toEqual({
      settings: { operationalMode: 'CA', includeCaCertificate: 'issuer' },
      carriedOver: [
        { key: 'operationmode', fields: ['operationalMode'] },
        { key: 'includeca', fields: ['includeCaCertificate'] },
      ],
      leftOut: [],
      remarks: [],
    });
  });

  it.each<[string, object]>([
    ['scep.operationmode=CA', { operationalMode: 'CA' }],
    ['scep.includeca=FALSE', { includeCaCertificate: 'none' }],
    ['scep.rootFirst=true', { caCertificateResponse: { order: 'rootFirst' } }],
    ['scep.rootFirst=false', { caCertificateResponse: { order: 'issuerFirst' } }],
    ['scep.returnCaChainInGetCaCert=false', { caCertificateResponse: { chain: false } }],
    ['scep.clientCertificateRenewal=true', { renewal: { enabled: true } }],
    ['scep.clientCertificateRenewalWithOldKey=true', { renewal: { allowOldKey: true } }],
    [
      'scep.allowLegacyDigestAlgorithm=true',
      { algorithms: { reply: 'mirror', accept: { digests: ['sha1', 'sha256', 'sha384', 'sha512'] } } },
    ],
    ['scep.rootFirst=true\nscep.rootFirst=false', { caCertificateResponse: { order: 'issuerFirst' } }],
  ])('%j', (text, expected) => {
    expect(mapped(text)).toMatchObject({ settings: expected, leftOut: [] });
  });

  it('has all of RA mode, in whatever order', () => {
    const text = `
      scep.ra.namegenerationpostfix=-\${RANDOM}
      scep.ra.namegenerationprefix=mdm-
      scep.ra.namegenerationparameters=CN;SN
      scep.ra.namegenerationscheme=dn
      scep.ra.authPwd=secret 1
      scep.ra.defaultCA=DeviceCA
      scep.ra.entityProfile=PHONES
      scep.ra.certificateProfile=PHONE
      scep.operationmode=ra`;
    expect(mapped(text, { authorities: ['ManagementCA', 'DeviceCA'] })).toMatchObject({
      settings: {
        operationalMode: 'RA',
        authorities: ['DeviceCA', 'ManagementCA'],
        ra: {
          authority: 'DeviceCA',
          certificateProfile: 'PHONE',
          endEntityProfile: 'PHONES',
          authenticationPassword: 'secret 1',
          nameGeneration: { scheme: 'DN', parameters: 'CN;SN', prefix: 'mdm-', postfix: '-${RANDOM}' },
        },
      },
      leftOut: [],
      remarks: [],
    });
  });

  it.each(['', 'none', 'NONE', ' '])('is disabled where the password is "%s", and says so', (value) => {
    const { settings: given, remarks } = mapped(`scep.operationmode=ra\nscep.ra.authPwd=${value}`, {
      secretFields: ['ra.authenticationPassword'],
    });
    expect(given).toEqual({ operationalMode: 'RA', enabled: false, ra: { authenticationPassword: null } });
    expect(remarks).toEqual([expect.stringContaining('disabled')]);
  });

  it.each(['encv1:0a:100:0b', 'OBF:1abc', 'hidden', '********', '0123456789abcdef0123456789ABCDEF'])(
    'is disabled where the password is none that could be carried over: %s',
    (value) => {
      const result = mapped(`scep.operationmode=ra\nscep.ra.authPwd=${value}`);
      expect(result.settings).toEqual({ operationalMode: 'RA', enabled: false });
      expect(result.leftOut).toEqual([{ key: 'ra.authPwd', reason: expect.stringContaining('encrypted') as string }]);
      expect(JSON.stringify(result)).not.toContain(value);
      expect(
        settings(`scep.operationmode=ra\nscep.ra.authPwd=${value}`, { secretFields: ['ra.authenticationPassword'] }),
      ).toEqual({
        operationalMode: 'RA',
      });
    },
  );

  it('is disabled in RA mode where no line speaks of a password', () => {
    expect(settings('scep.operationmode=ra')).toEqual({ operationalMode: 'RA', enabled: false });
    expect(
      settings('scep.includeca=true', { operationalMode: 'RA', secretFields: ['ra.authenticationPassword'] }),
    ).toEqual({
      includeCaCertificate: 'issuer',
    });
  });

  it.each<[string, string, string]>([
    ['scep.includeCA=true', 'includeCA', 'no key'],
    ['scep.constructor=true', 'constructor', 'no key'],
    ['scep.includeca=yes', 'includeca', 'neither true nor false'],
    ['scep.operationmode=both', 'operationmode', 'neither ca nor ra'],
    ['scep.ra.authPwd=secret', 'ra.authPwd', 'RA mode only'],
    ['scep.signingKeyAlias=key1', 'signingKeyAlias', '--ra-certificate'],
    ['scep.operationmode=ra\nscep.ra.entityProfile=1234567', 'ra.entityProfile', 'by its name'],
    ['scep.operationmode=ra\nscep.ra.namegenerationscheme=UUID', 'ra.namegenerationscheme', 'none of'],
  ])('tells what cannot be carried over: %j', (text, key, reason) => {
    expect(mapped(text).leftOut).toEqual([{ key, reason: expect.stringContaining(reason) as string }]);
  });

  it('has Intune with its proxy', () => {
    const text = `
      scep.operationmode=ra
      scep.useIntune=true
      scep.intuneTenant=example.onmicrosoft.com
      scep.intuneAadAppId=0000-1
      scep.intuneAadAppKey=key 1
      scep.intuneAadUseKeyBinding=false
      scep.intuneGraphApiVersion=1.6
      scep.intuneProxyPort=3128
      scep.intuneProxyHost=proxy.example.test
      scep.ra.authPwd=`;
    expect(mapped(text)).toMatchObject({
      settings: {
        operationalMode: 'RA',
        renewal: { challengeRequired: true },
        challenge: {
          kind: 'intune',
          intune: {
            tenant: 'example.onmicrosoft.com',
            applicationId: '0000-1',
            applicationKey: 'key 1',
            proxyUrl: 'http://proxy.example.test:3128',
          },
        },
      },
      leftOut: [{ key: 'intuneGraphApiVersion' }],
      remarks: [expect.stringContaining('renewal.challengeRequired')],
    });
    expect(settings(text)).not.toHaveProperty('enabled');
  });

  it('is disabled where Intune cannot be asked, and leaves Intune where that is said', () => {
    const text = 'scep.useIntune=true\nscep.intuneAadAppKey=encv1:0a:100:0b';
    expect(settings(text)).toMatchObject({ enabled: false });
    expect(settings(text, { secretFields: ['challenge.intune.applicationKey'] })).not.toHaveProperty('enabled');
    expect(settings('scep.useIntune=false', { usesIntune: true })).toEqual({ challenge: { kind: null } });
    expect(settings('scep.useIntune=false')).toEqual({});
  });

  it('says nothing of keys that are not used', () => {
    const text =
      'scep.ra.certificateProfile=ENDUSER\nscep.ra.authPwd=\nscep.ra.defaultCA=\nscep.signingAlgorithm=\nscep.encryptionCAs=';
    expect(mapped(text)).toEqual({ settings: {}, carriedOver: [], leftOut: [], remarks: [] });
  });

  it('takes SHA-1 away where EJBCA did not answer with it, and tells the difference', () => {
    const { settings: given, remarks } = mapped('scep.allowLegacyDigestAlgorithm=false', {
      digests: ['md5', 'sha1', 'sha256'],
    });
    expect(given).toEqual({ algorithms: { accept: { digests: ['sha256'] } } });
    expect(remarks).toEqual([expect.stringContaining('refused')]);
  });
});

describe('the lines for an alias', () => {
  it('are its own where there are several', () => {
    expect(linesFor('b', 'a.x=1\nb.x=2\nuploaded.y=3')).toEqual({
      properties: [
        { key: 'x', value: '2' },
        { key: 'y', value: '3' },
      ],
      renamedFrom: undefined,
      others: ['a'],
    });
    expect(linesFor('c', 'a.x=1\nb.x=2').properties).toEqual([]);
  });

  it('are those of the only one there is', () => {
    expect(linesFor('b', 'a.x=1')).toMatchObject({ properties: [{ key: 'x', value: '1' }], renamedFrom: 'a' });
    expect(linesFor('b', 'includeca=true\nra.authPwd=x')).toEqual({
      properties: [
        { key: 'includeca', value: 'true' },
        { key: 'ra.authPwd', value: 'x' },
      ],
      renamedFrom: undefined,
      others: [],
    });
  });

  it('may be of an alias called ra', () => {
    expect(linesFor('ra', 'ra.ra.authPwd=x').properties).toEqual([{ key: 'ra.authPwd', value: 'x' }]);
  });
});
