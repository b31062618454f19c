import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as asn1js from 'asn1js';
import { Certificate as PkijsCertificate } from 'pkijs';
import { AliasRegistry } from '../../src/aliases/alias.registry';
import type { Enrolment } from '../../src/client/enrolment-message';
import { PrivateKey } from '../../src/pki/cms/private-key';
import type { Certificate } from '../../src/pki/x509/certificate';
import { CertificationRequest } from '../../src/pki/x509/certification-request';
import { readExtendedKeyUsage, readKeyUsage } from '../../src/pki/x509/extension';
import { readGeneralNames } from '../../src/pki/x509/general-name';
import { Oid } from '../../src/pki/x509/oid';
import { CertificateProfileRegistry } from '../../src/profiles/certificate-profile.registry';
import { EndEntityProfileRegistry } from '../../src/profiles/end-entity-profile.registry';
import { ApprovalDesk } from '../support/approvals';
import { enrolmentScene, type EnrolmentScene } from '../support/enrolment-scene';
import { issued, renew, sql } from '../support/renewal';
import { RestClient } from '../support/rest-client';
import { vector, VECTORS_DIRECTORY } from '../support/vectors';

/** What becomes of the extensions that OpenSSL was told to ask for: `test/vectors/requests/openssl/requests.cnf`. */
const KEY = PrivateKey.fromPem(readFileSync(join(VECTORS_DIRECTORY, 'requests', 'openssl', 'key.pem'), 'utf8'));
const EVERYTHING = CertificationRequest.read(vector('requests/openssl/everything.der'));

let scene: EnrolmentScene;

beforeAll(async () => {
  scene = await enrolmentScene();
  const profiles = scene.gateway.application.get(CertificateProfileRegistry, { strict: false });
  await profiles.create('test', 'GENEROUS', {
    requestedSubjectAltNames: ['dns', 'email', 'uri', 'ip', 'registeredID', 'directoryName', 'upn'],
    keyUsageFromRequest: true,
    requestedExtendedKeyUsage: ['any'],
  });
  await scene.createAlias('asked', { subjectSource: 'request' });
  await scene.register('windows-1', 'secret', { subject: 'CN=registered' });
});

afterAll(() => scene.close());

/** The certificate that `windows-1`, as OpenSSL's requests call it, gets for everything that it asks for. */
async function certificateOf(alias: string, certificateProfile: string): Promise<Certificate> {
  await scene.endEntities.patch('test', 'windows-1', { certificateProfile });
  await scene.endEntities.setStatus('test', 'windows-1', { status: 'NEW' });
  return enrol(EVERYTHING, alias);
}

async function enrol(request: CertificationRequest, alias: string): Promise<Certificate> {
  return issued(await scene.enrol('CN=windows-1', '', { key: KEY, request }, alias)).certificate;
}

/** Identifiers of the extensions, as PKI.js reads them. */
function extensionsOf({ der }: Certificate): string[] {
  const certificate = new PkijsCertificate({ schema: asn1js.fromBER(der).result });
  return certificate.extensions!.map(({ extnID }) => extnID).sort();
}

const OURS = [
  Oid.subjectKeyIdentifier,
  Oid.keyUsage,
  Oid.subjectAltName,
  Oid.basicConstraints,
  Oid.cRLDistributionPoints,
  Oid.authorityKeyIdentifier,
  Oid.extKeyUsage,
].sort();

it('a generous profile takes over names of every kind and harmless usages, and no other extension', async () => {
  const certificate = await certificateOf('asked', 'GENEROUS');
  // Neither SID nor template, nor policies, constraints or what is unknown; and what we write ourselves is ours.
  expect(extensionsOf(certificate)).toEqual(OURS);
  expect(certificate.isCa).toBe(false);
  expect(certificate.extension(Oid.subjectKeyIdentifier)!.toString('hex')).not.toContain('0102030405');
  expect(readGeneralNames(certificate.extension(Oid.subjectAltName)!)).toEqual([
    { type: 'dns', value: 'r1.example.com' },
    { type: 'email', value: 'r1@example.com' },
    { type: 'uri', value: 'urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6' },
    { type: 'ip', value: '10.0.0.1' },
    { type: 'ip', value: '2001:db8::1' },
    { type: 'registeredID', value: '1.3.6.1.4.1.99999.2' },
    { type: 'directoryName', value: 'C=SE,CN=r1 in the directory' },
    { type: 'upn', value: 'user@example.com' },
  ]);
  expect([...readKeyUsage(certificate.extension(Oid.keyUsage)!)]).toEqual(['digitalSignature', 'nonRepudiation']);
  expect(readExtendedKeyUsage(certificate.extension(Oid.extKeyUsage)!)).toEqual([Oid.serverAuth, '1.3.6.1.5.5.7.3.4']);
});

it('the default profile takes over no usage, and of names what devices and people have', async () => {
  const certificate = await certificateOf('asked', 'ENDUSER');
  expect(extensionsOf(certificate)).toEqual(OURS);
  expect(readGeneralNames(certificate.extension(Oid.subjectAltName)!).map(({ type }) => type)).toEqual([
    'dns',
    'email',
    'uri',
    'ip',
    'ip',
    'upn',
  ]);
  expect([...readKeyUsage(certificate.extension(Oid.keyUsage)!)]).toEqual(['digitalSignature', 'keyEncipherment']);
  expect(readExtendedKeyUsage(certificate.extension(Oid.extKeyUsage)!)).toEqual([Oid.clientAuth]);
});

it('where the registered names are issued, those of the request are not', async () => {
  const certificate = await certificateOf('scep', 'GENEROUS');
  expect(certificate.subject.toString()).toBe('CN=registered');
  expect(extensionsOf(certificate)).toEqual(OURS.filter((oid) => oid !== Oid.subjectAltName));
});

describe('a certificate template', () => {
  const templates = ['webserver=SERVER', '1.3.6.1.4.1.311.21.8.4567.1=USER', 'other=OTHER'];
  const asking = (name: string) => CertificationRequest.read(vector(`requests/openssl/template-${name}.der`));
  /** Purposes tell which profile it was. */
  const PROFILES = {
    SERVER: '1.3.6.1.5.5.7.3.1',
    USER: '1.3.6.1.5.5.7.3.4',
    OTHER: '1.3.6.1.5.5.7.3.3',
    ENDUSER: Oid.clientAuth,
  } as const;
  const profileOf = (certificate: Certificate) => {
    const [purpose] = readExtendedKeyUsage(certificate.extension(Oid.extKeyUsage)!);
    return Object.entries(PROFILES).find(([, oid]) => oid === purpose)?.[0];
  };
  const change = (settings: object) =>
    scene.gateway.application.get(AliasRegistry, { strict: false }).patch('test', 'templates', settings);

  beforeAll(async () => {
    const profiles = scene.gateway.application.get(CertificateProfileRegistry, { strict: false });
    for (const name of ['SERVER', 'USER', 'OTHER'] as const)
      await profiles.create('test', name, { extendedKeyUsage: [PROFILES[name]] });
    const renewal = { window: '100%', allowOldKey: true, ignoredSubjectAttributes: ['CN', 'O'] };
    await scene.createAlias('templates', { templates, renewal });
    await scene.endEntities.patch('test', 'windows-1', { certificateProfile: 'ENDUSER' });
  });

  beforeEach(async () => {
    await change({ templates });
    await scene.endEntities.setStatus('test', 'windows-1', { status: 'NEW' });
  });

  it.each([
    ['by its name, in any case', 'name', 'SERVER', 'webserver'],
    ['by its identifier', 'identifier', 'USER', '1.3.6.1.4.1.311.21.8.4567.1'],
    ['by its identifier rather than by its name', 'both', 'USER', '1.3.6.1.4.1.311.21.8.4567.1'],
  ])('chooses the certificate profile %s, and is written down', async (_, name, profile, template) => {
    const certificate = await enrol(asking(name), 'templates');
    expect(profileOf(certificate)).toBe(profile);
    // The template itself is no part of it.
    expect(extensionsOf(certificate)).not.toContain('1.3.6.1.4.1.311.20.2');
    expect(extensionsOf(certificate)).not.toContain('1.3.6.1.4.1.311.21.7');
    const [row] = await sql(scene, 'select template, certificate_profile from certificates where fingerprint = $1', [
      certificate.fingerprint('sha256'),
    ]);
    expect(row).toEqual({ template, certificate_profile: profile });
    const [event] = await sql<{ details: object }>(
      scene,
      `select details from audit_events where action = 'certificate.issue' and target like $1`,
      [`%${certificate.serialHex}`],
    );
    expect(event?.details).toMatchObject({ certificateProfile: profile, template });
    const path = `certificates/Devices/${certificate.serialHex}`;
    expect((await new RestClient(scene.gateway).get(path)).body).toMatchObject({
      certificateProfile: profile,
      template,
    });
    const [entry] = await scene.log();
    expect(entry?.decoded).toMatchObject({ request: { templates: expect.arrayContaining([expect.any(String)]) } });
  });

  it.each(['template', 'profile'])('that the alias does not map says nothing: unknown %s', async (unknown) => {
    await change({ templates: unknown === 'template' ? ['other=OTHER'] : null });
    expect(profileOf(await enrol(asking('both'), 'templates'))).toBe('ENDUSER');
  });

  it('that cannot be read is refused where the alias maps any, and not looked at elsewhere', async () => {
    const extensions = [{ oid: '1.3.6.1.4.1.311.20.2', critical: false, value: Buffer.of(5, 0) }];
    const refused = await scene.enrol('CN=windows-1', 'secret', { extensions }, 'templates');
    expect(refused).toMatchObject({ failInfo: 'badRequest' });
    expect((await scene.log())[0]).toMatchObject({ rule: 'request.template' });
    expect((await scene.enrol('CN=windows-1', 'secret', { extensions })).pkiStatus).toBe('SUCCESS');
  });

  it('stays that of the certificate in a renewal, whatever that asks for, as long as the alias maps it', async () => {
    const renewed = async (certificate: Certificate, changes: Partial<Enrolment> = {}) =>
      issued(await renew(scene, { certificate, key: KEY }, { key: KEY, ...changes }, 'templates')).certificate;
    const first = await enrol(asking('name'), 'templates');
    const second = await renewed(first);
    const third = await renewed(second, { request: asking('identifier') });
    expect([profileOf(first), profileOf(second), profileOf(third)]).toEqual(['SERVER', 'SERVER', 'SERVER']);
    await change({ templates: ['WebServer=OTHER'] });
    const fourth = await renewed(third);
    await change({ templates: null });
    expect([profileOf(fourth), profileOf(await renewed(fourth))]).toEqual(['OTHER', 'ENDUSER']);
  });

  it('is not had by a renewal of a certificate that was issued without', async () => {
    await change({ templates: null });
    const certificate = await enrol(asking('name'), 'templates');
    await change({ templates });
    const renewal = { key: KEY, request: asking('name') };
    expect(profileOf(issued(await renew(scene, { certificate, key: KEY }, renewal, 'templates')).certificate)).toBe(
      'ENDUSER',
    );
  });

  it('counts for what an officer approves, and for the renewals after it', async () => {
    const desk = new ApprovalDesk(scene);
    await scene.endEntities.setStatus('test', 'windows-1', { status: 'NEW' });
    await change({ approval: { enrolment: true, renewal: true } });
    const request = { key: KEY, request: asking('name'), transactionID: 'approved' };
    expect((await scene.enrol('CN=windows-1', '', request, 'templates')).pkiStatus).toBe('PENDING');
    expect(await desk.newest('windows-1')).toMatchObject({ templates: ['WebServer'] });
    await desk.approve('windows-1');
    const first = issued(await scene.enrol('CN=windows-1', '', request, 'templates')).certificate;
    const signer = { certificate: first, key: KEY };
    const again = { key: KEY, request: asking('identifier'), transactionID: 'approved again' };
    expect((await renew(scene, signer, again, 'templates')).pkiStatus).toBe('PENDING');
    await desk.approve('windows-1');
    const second = issued(await renew(scene, signer, again, 'templates')).certificate;
    await change({ approval: null });
    expect([profileOf(first), profileOf(second)]).toEqual(['SERVER', 'SERVER']);
  });

  it('gets nobody what the end entity profile does not allow', async () => {
    const profiles = scene.gateway.application.get(EndEntityProfileRegistry, { strict: false });
    await profiles.create('test', 'USERS', { certificateProfiles: ['ENDUSER', 'USER'] });
    await scene.endEntities.patch('test', 'windows-1', { endEntityProfile: 'USERS' });
    const request = { key: KEY, request: asking('name') };
    const reply = await scene.enrol('CN=windows-1', '', request, 'templates');
    expect(reply).toMatchObject({ pkiStatus: 'FAILURE', failInfo: 'badRequest' });
    expect((await scene.log())[0]).toMatchObject({ rule: 'end-entity-profile.certificate-profiles' });
    expect(profileOf(await enrol(asking('identifier'), 'templates'))).toBe('USER');
    await scene.endEntities.patch('test', 'windows-1', { endEntityProfile: null });
  });

  it('obeys the profile that it chooses', async () => {
    const profiles = scene.gateway.application.get(CertificateProfileRegistry, { strict: false });
    await profiles.patch('test', 'SERVER', { enabled: false });
    const reply = await scene.enrol('CN=windows-1', '', { key: KEY, request: asking('name') }, 'templates');
    await profiles.patch('test', 'SERVER', { enabled: true });
    expect(reply).toMatchObject({ pkiStatus: 'FAILURE', failInfo: 'badRequest' });
    expect((await scene.log())[0]).toMatchObject({ rule: 'certificate-profile.enabled' });
  });
});
