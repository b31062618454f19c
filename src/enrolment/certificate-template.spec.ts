import { generateKeyPairSync } from 'node:crypto';
import { PrivateKey } from '../pki/cms/private-key';
import type { Certificate } from '../pki/x509/certificate';
import { buildCertificationRequest, CertificationRequest } from '../pki/x509/certification-request';
import { DistinguishedName } from '../pki/x509/distinguished-name';
import { type Extension, keyUsage, readKeyUsage, subjectAltName } from '../pki/x509/extension';
import { readGeneralNames } from '../pki/x509/general-name';
import { Oid } from '../pki/x509/oid';
import type { CertificateProfile } from '../profiles/certificate-profile';
import { checkedCertificateProfile } from '../profiles/certificate-profile.input';
import type { EndEntityProfile } from '../profiles/end-entity-profile';
import { checkedEndEntityProfile } from '../profiles/end-entity-profile.input';
import { certificateTemplate, type TemplateInput } from './certificate-template';

const NOW = new Date('2026-03-01T12:00:00Z');

const rsaKey = PrivateKey.generateRsa(2048);
const ecKey = new PrivateKey(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);

const profile = (settings: object = {}): CertificateProfile => ({
  id: 1,
  name: 'ENDUSER',
  ...checkedCertificateProfile(settings),
});
const endEntityProfile = (settings: object = {}): EndEntityProfile => ({
  id: 1,
  name: 'EMPTY',
  ...checkedEndEntityProfile(settings),
});

async function csr(
  extensions: Extension[] = [],
  signer = rsaKey,
  subject = 'CN=router-1,O=Asked',
): Promise<CertificationRequest> {
  const der = await buildCertificationRequest({
    subject: DistinguishedName.parse(subject),
    signer,
    extensions,
    digest: 'sha256',
  });
  return CertificationRequest.read(der);
}

const input = async (changes: Partial<TemplateInput> = {}): Promise<TemplateInput> => ({
  subjectSource: 'registered',
  request: await csr(),
  registered: { subject: 'CN=Router One,O=Registered', subjectAltNames: [{ type: 'dns', value: 'r1.example.com' }] },
  certificateProfile: profile(),
  endEntityProfile: endEntityProfile(),
  deviceProfile: { unstructuredNamesAsAltNames: false, refusesDomainComponents: false },
  now: NOW,
  ...changes,
});

const extensionOf = (extensions: readonly Extension[], oid: string) =>
  extensions.find((extension) => extension.oid === oid);
const bitsOf = (extensions: readonly Extension[]) => [...readKeyUsage(extensionOf(extensions, Oid.keyUsage)!.value)];
const altNamesOf = (extensions: readonly Extension[]) => {
  const extension = extensionOf(extensions, Oid.subjectAltName);
  return extension && readGeneralNames(extension.value);
};

const ASKED_NAMES = subjectAltName(
  [
    { type: 'dns', value: 'asked.example.com' },
    { type: 'directoryName', value: 'CN=x' },
  ],
  false,
);

describe('names', () => {
  it('are the registered ones, whatever the request asks for', async () => {
    const template = certificateTemplate(await input({ request: await csr([ASKED_NAMES]) }));
    expect(template.subject.toString()).toBe('CN=Router One,O=Registered');
    expect(altNamesOf(template.extensions)).toEqual([{ type: 'dns', value: 'r1.example.com' }]);
  });

  it('are those of the request where the alias says so, of the types the profile takes over', async () => {
    const template = certificateTemplate(await input({ subjectSource: 'request', request: await csr([ASKED_NAMES]) }));
    expect(template.subject.toString()).toBe('CN=router-1,O=Asked');
    expect(altNamesOf(template.extensions)).toEqual([{ type: 'dns', value: 'asked.example.com' }]);
  });

  it('obey the end entity profile', async () => {
    const limited = await input({
      subjectSource: 'request',
      endEntityProfile: endEntityProfile({ allowedSubjectAttributes: ['CN'] }),
    });
    expect(() => certificateTemplate(limited)).toThrow(expect.objectContaining({ rule: 'end-entity-profile.names' }));
  });

  it('of a request get what the end entity profile fills in, those of a renewal do not', async () => {
    const filling = endEntityProfile({
      defaultSubject: 'OU=Devices',
      fixedSubject: 'O=Asked,C=SE',
      defaultSubjectAltNames: ['dns:${CN}.example.com'],
    });
    const asked = await input({ subjectSource: 'request', endEntityProfile: filling });
    const template = certificateTemplate(asked);
    expect(template.subject.toString()).toBe('CN=router-1,O=Asked,OU=Devices,C=SE');
    expect(altNamesOf(template.extensions)).toEqual([{ type: 'dns', value: 'router-1.example.com' }]);
    const renewed = { subject: DistinguishedName.parse('CN=router-1,O=Asked,C=SE'), extension: () => undefined };
    const renewal = certificateTemplate({ ...asked, renewed: renewed as unknown as Certificate });
    expect(renewal.subject.toString()).toBe('CN=router-1,O=Asked,C=SE');
    expect(altNamesOf(renewal.extensions)).toBeUndefined();
    const other = { ...renewed, subject: DistinguishedName.parse('CN=router-1,O=Asked') };
    expect(() => certificateTemplate({ ...asked, renewed: other as unknown as Certificate })).toThrow(
      expect.objectContaining({ rule: 'end-entity-profile.names' }),
    );
  });

  describe('copied from the subject by the device profile', () => {
    const deviceProfile = { unstructuredNamesAsAltNames: true, refusesDomainComponents: true };
    const subject = 'CN=pix,unstructuredName=pix.example.com,unstructuredAddress=10.1.1.1';

    it('stand beside the registered ones', async () => {
      const registered = { subject, subjectAltNames: [{ type: 'email', value: 'a@example.com' }] };
      const template = certificateTemplate(await input({ registered, deviceProfile }));
      expect(altNamesOf(template.extensions)).toEqual([
        { type: 'email', value: 'a@example.com' },
        { type: 'dns', value: 'pix.example.com' },
        { type: 'ip', value: '10.1.1.1' },
      ]);
    });

    it('are never those of a request: nobody who judged it has seen them as subjectAltNames', async () => {
      const request = await csr([], rsaKey, subject);
      const asked = await input({ subjectSource: 'request', request, deviceProfile });
      expect(altNamesOf(certificateTemplate(asked).extensions)).toBeUndefined();
    });

    it('are no way around the rule that its device reads no DC', async () => {
      const registered = { subject: 'CN=pix,DC=example', subjectAltNames: [] };
      const asked = await input({ registered, deviceProfile });
      expect(() => certificateTemplate(asked)).toThrow(
        expect.objectContaining({ rule: 'device-profile.refusesDomainComponents' }),
      );
    });
  });

  it('obey the certificate profile, the registered ones too', async () => {
    const asked = await input();
    const base = (settings: object): TemplateInput => ({ ...asked, certificateProfile: profile(settings) });
    for (const settings of [
      { allowedDomains: ['example.org'] },
      { requiredSubjectAltNames: ['ip'] },
      { maximumSubjectAltNames: 0 },
    ])
      expect(() => certificateTemplate(base(settings))).toThrow(
        expect.objectContaining({ code: 'request-refused', rule: 'certificate-profile.subject-alt-names' }),
      );
    expect(() => certificateTemplate(base({ allowedDomains: ['example.com'] }))).not.toThrow();
  });

  it('refuse a subjectAltName that cannot be read', async () => {
    const broken = await csr([{ oid: Oid.subjectAltName, critical: false, value: Buffer.from('30058203aabb', 'hex') }]);
    const asked = await input({ subjectSource: 'request', request: broken });
    expect(() => certificateTemplate(asked)).toThrow(expect.objectContaining({ code: 'malformed-message' }));
  });
});

describe('extensions', () => {
  it('are those of the profile and no other, above all no CA:TRUE and no SID', async () => {
    const asked: Extension[] = [
      { oid: Oid.basicConstraints, critical: true, value: Buffer.from('30030101ff', 'hex') },
      { oid: '1.3.6.1.4.1.311.25.2', critical: false, value: Buffer.from('3000', 'hex') },
      keyUsage(['keyCertSign']),
    ];
    const { extensions } = certificateTemplate(await input({ request: await csr(asked) }));
    expect(extensions.map(({ oid }) => oid).sort()).toEqual(
      [Oid.basicConstraints, Oid.keyUsage, Oid.extKeyUsage, Oid.subjectAltName].sort(),
    );
    expect(extensionOf(extensions, Oid.basicConstraints)?.value.toString('hex')).toBe('3000');
    expect(bitsOf(extensions)).toEqual(['digitalSignature', 'keyEncipherment']);
  });

  it('take over the requested keyUsage where the profile allows it, but no bit of an authority', async () => {
    const request = await csr([keyUsage(['digitalSignature', 'keyCertSign', 'cRLSign'])]);
    const allowing = await input({ request, certificateProfile: profile({ keyUsageFromRequest: true }) });
    expect(bitsOf(certificateTemplate(allowing).extensions)).toEqual(['digitalSignature']);
  });

  it('leave out keyEncipherment for an EC key (RFC 8813)', async () => {
    const { extensions } = certificateTemplate(await input({ request: await csr([], ecKey) }));
    expect(bitsOf(extensions)).toEqual(['digitalSignature']);
  });
});

describe('rules', () => {
  it('validity counts from now, notBefore is set back', async () => {
    const template = certificateTemplate(
      await input({ certificateProfile: profile({ validity: '1y', backdate: '10m' }) }),
    );
    expect(template.notBefore).toEqual(new Date('2026-03-01T11:50:00Z'));
    expect(template.notAfter).toEqual(new Date('2027-03-01T12:00:00Z'));
  });

  it.each([
    ['a disabled profile', { enabled: false }, 'certificate-profile.enabled'],
    ['a short RSA key', { minimumRsaBits: 3072 }, 'certificate-profile.key'],
    ['a key type that is not certified', { keyAlgorithms: ['ec'] }, 'certificate-profile.key'],
  ])('refuses %s', async (_, settings, rule) => {
    const refused = await input({ certificateProfile: profile(settings) });
    expect(() => certificateTemplate(refused)).toThrow(expect.objectContaining({ rule }));
  });

  it('refuses a curve that is not certified', async () => {
    const refused = await input({
      request: await csr([], ecKey),
      certificateProfile: profile({ ecCurves: ['P-384'] }),
    });
    expect(() => certificateTemplate(refused)).toThrow(expect.objectContaining({ rule: 'certificate-profile.key' }));
  });
});

it('refuses a subjectAltName of the request that can be read and not be written', async () => {
  // An rfc822Name with an umlaut in Latin-1, which IA5String has no place for.
  const value = Buffer.from('3008 8106 fc40 622e 6465'.replace(/ /g, ''), 'hex');
  const request = await csr([{ oid: Oid.subjectAltName, critical: false, value }]);
  expect(readGeneralNames(value)).toEqual([{ type: 'email', value: '\u00fc@b.de' }]);
  const asked = await input({ subjectSource: 'request', request });
  expect(() => certificateTemplate(asked)).toThrow(
    expect.objectContaining({ code: 'request-refused', rule: 'request.subject-alt-names' }),
  );
});

it.each([
  ['upn', 'user@elpmaxe\u202e'],
  ['directoryName', 'CN=a\u2028b'],
] as const)('refuses a subjectAltName of the request that would be read as another one: %s', async (type, value) => {
  const certificateProfile = profile({ requestedSubjectAltNames: [type] });
  const request = await csr([subjectAltName([{ type, value }], false)]);
  const asked = await input({ subjectSource: 'request', request, certificateProfile });
  expect(() => certificateTemplate(asked)).toThrow(
    expect.objectContaining({ code: 'request-refused', rule: 'request.subject-characters' }),
  );
});
