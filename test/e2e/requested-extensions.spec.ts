import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as asn1js from 'asn1js';
import { Certificate as PkijsCertificate } from 'pkijs';
import { PrivateKey } from '../../src/pki/cms/private-key';
import type { Certificate } from '../../src/pki/x509/certificate';
import { CertificationRequest } from '../../src/pki/x509/certification-request';
import { readExtendedKeyUsage, readKeyUsage } from '../../src/pki/x509/extension';
import { readGeneralNames } from '../../src/pki/x509/general-name';
import { Oid } from '../../src/pki/x509/oid';
import { CertificateProfileRegistry } from '../../src/profiles/certificate-profile.registry';
import { enrolmentScene, type EnrolmentScene } from '../support/enrolment-scene';
import { issued } from '../support/renewal';
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
  const reply = await scene.enrol('CN=windows-1', '', { key: KEY, request: EVERYTHING }, alias);
  return issued(reply).certificate;
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
