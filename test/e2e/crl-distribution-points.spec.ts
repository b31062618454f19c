import {
  type CertificatePolicies,
  CRLDistributionPoints,
  type GeneralName,
  type InfoAccess,
  Certificate as PkiCertificate,
} from 'pkijs';
import type { Certificate } from '../../src/pki/x509/certificate';
import { CrlJob } from '../../src/jobs/crl.job';
import { readCrl } from '../support/crl';
import { enrolmentScene, type EnrolmentScene } from '../support/enrolment-scene';
import { RestClient, wrongFields } from '../support/rest-client';

let scene: EnrolmentScene;
let rest: RestClient;
let count = 0;

beforeAll(async () => {
  scene = await enrolmentScene({ environment: { PUBLIC_URL: 'http://pki.example.test/gw/' } });
  rest = new RestClient(scene.gateway);
});

afterAll(() => scene.close());

async function issued(profile: string, more: object = {}, alias = 'scep'): Promise<Certificate> {
  const username = `device-${count++}`;
  await scene.register(username, 'code', { certificateProfile: profile, ...more });
  const reply = await scene.enrol(`CN=${username}`, 'code', { transactionID: username }, alias);
  if (reply.pkiStatus !== 'SUCCESS') throw new Error(reply.pkiStatus);
  return reply.certificate;
}

/** The URIs of each distribution point, as PKI.js reads them. */
function points({ der }: Certificate): string[][] | undefined {
  const found = PkiCertificate.fromBER(der).extensions?.find(({ extnID }) => extnID === '2.5.29.31');
  if (found === undefined) return undefined;
  expect(found.critical).toBe(false);
  const { distributionPoints } = found.parsedValue as CRLDistributionPoints;
  return distributionPoints.map(({ distributionPoint }) =>
    (distributionPoint as GeneralName[]).map(({ value }) => value as string),
  );
}

describe('N-02: issued certificates name the place of their CRL', () => {
  it('at PUBLIC_URL, that of their generation, where it is found', async () => {
    await rest.post('certificate-profiles', { name: 'DEFAULT' });
    const certificate = await issued('DEFAULT');
    expect(points(certificate)).toEqual([['http://pki.example.test/gw/crl/Devices/1.crl']]);
    await scene.gateway.application.get(CrlJob, { strict: false }).run();
    const crl = await fetch(`${scene.gateway.publicUrl}/crl/Devices/1.crl`);
    expect(readCrl(Buffer.from(await crl.arrayBuffer())).entries).toEqual({});
  });

  it('or where the profile says, as one point', async () => {
    const own = [
      'http://crl.example.test/ca.crl',
      'ldap://ldap.example.test/cn=CA,o=Example?certificateRevocationList',
    ];
    await rest.post('certificate-profiles', { name: 'OWN', crlDistributionPoints: own });
    expect(points(await issued('OWN'))).toEqual([own]);
    await rest.post('certificate-profiles', { name: 'BOTH', crlDistributionPoints: ['gateway', own[0]!] });
    expect(points(await issued('BOTH'))).toEqual([['http://pki.example.test/gw/crl/Devices/1.crl', own[0]]]);
  });

  it('or nowhere', async () => {
    await rest.post('certificate-profiles', { name: 'NONE', crlDistributionPoints: [] });
    expect(points(await issued('NONE'))).toBeUndefined();
  });

  it('with the name of the authority percent-encoded, and as it is called by then', async () => {
    await scene.createAuthority({ name: 'Sub CA 2', subject: 'CN=Sub' });
    await scene.createAlias('sub', { authorities: ['Sub CA 2'] });
    expect(points(await issued('DEFAULT', { authority: 'Sub CA 2' }, 'sub'))).toEqual([
      ['http://pki.example.test/gw/crl/Sub%20CA%202/1.crl'],
    ]);
    await rest.post('authorities/Sub%20CA%202/rename', { name: 'Sub' });
    expect(points(await issued('DEFAULT', { authority: 'Sub' }, 'sub'))).toEqual([
      ['http://pki.example.test/gw/crl/Sub/1.crl'],
    ]);
    await rest.post('authorities/Sub/crl');
    expect((await fetch(`${scene.gateway.publicUrl}/crl/Sub%20CA%202/1.crl`)).status).toBe(200);
  });

  it('and of the certificate of their issuer, of OCSP responders and of policies where the profile says so', async () => {
    await rest.post('certificate-profiles', {
      name: 'INFORMED',
      caIssuers: ['gateway', 'http://pki.example.test/ca.cer'],
      ocspResponders: ['http://ocsp.example.test'],
      certificatePolicies: ['1.3.6.1.4.1.99999.1=https://pki.example.test/cps'],
    });
    const extensions = PkiCertificate.fromBER((await issued('INFORMED')).der).extensions;
    const parsed = (oid: string) => extensions?.find(({ extnID }) => extnID === oid)?.parsedValue as unknown;
    const { accessDescriptions } = parsed('1.3.6.1.5.5.7.1.1') as InfoAccess;
    const own = 'http://pki.example.test/gw/ca/Devices/1.cer';
    expect(accessDescriptions.map(({ accessLocation }) => accessLocation.value as string)).toEqual([
      'http://ocsp.example.test',
      own,
      'http://pki.example.test/ca.cer',
    ]);
    const { certificatePolicies } = parsed('2.5.29.32') as CertificatePolicies;
    expect(certificatePolicies.map(({ policyIdentifier }) => policyIdentifier)).toEqual(['1.3.6.1.4.1.99999.1']);
    const served = await fetch(own.replace('http://pki.example.test/gw', scene.gateway.publicUrl));
    expect([served.status, served.headers.get('content-type')]).toEqual([200, 'application/pkix-cert']);
    const [ca] = (await scene.ca()).certificates;
    expect(Buffer.from(await served.arrayBuffer())).toEqual(ca!.der);
    for (const path of ['ca/Devices/2.cer', 'ca/Nobody/1.cer', 'ca/Devices', 'ca/Sub%20CA%202/x.cer'])
      expect((await fetch(`${scene.gateway.publicUrl}/${path}`)).status).toBe(404);
    expect((await fetch(`${scene.gateway.publicUrl}/ca/Sub%20CA%202/1.cer`)).status).toBe(200);
    expect((await fetch(`${scene.gateway.publicUrl}/ca/Devices/1.cer`, { method: 'DELETE' })).status).toBe(405);
  });

  it('which must be one', async () => {
    for (const location of ['Gateway', 'ftp://example.test/a', 'http://', 'http://a b', 'http://ä', 'javascript:1', ''])
      expect(
        wrongFields(await rest.post('certificate-profiles', { name: 'BAD', crlDistributionPoints: [location] })),
      ).toEqual(['crlDistributionPoints[0]']);
  });
});
