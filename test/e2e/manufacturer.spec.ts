import type { Enrolment, Identity } from '../../src/client/enrolment-message';
import { PrivateKey } from '../../src/pki/cms/private-key';
import { Certificate } from '../../src/pki/x509/certificate';
import { buildCertificate } from '../../src/pki/x509/certificate-builder';
import { DistinguishedName } from '../../src/pki/x509/distinguished-name';
import { basicConstraints, extensions } from '../../src/pki/x509/extension';
import { pem } from '../../src/pki/x509/pem';
import { statusOf } from '../support/approvals';
import { DEVICE_KEY, enrolmentScene, type EnrolmentScene } from '../support/enrolment-scene';
import { issued, NEW_KEY, verdictOn } from '../support/renewal';
import { RestClient, wrongFields } from '../support/rest-client';
import { TestSigningKey } from '../support/test-signing-key';

/** The key that the manufacturer built in; it is never certified here. */
const BUILT_IN_KEY = PrivateKey.generateRsa(2048);
const MAKER = TestSigningKey.ec();
const NOBODY = TestSigningKey.ec();

let scene: EnrolmentScene;

const certificate = async (subject: string, spki: Buffer, signer: TestSigningKey, notAfter: string, ca = false) =>
  Certificate.read(
    await buildCertificate({
      serialNumber: Buffer.of(7),
      issuer: DistinguishedName.parse('CN=Maker Root,O=Maker'),
      subject: DistinguishedName.parse(subject),
      notBefore: new Date('2020-01-01T00:00:00Z'),
      notAfter: new Date(notAfter),
      spki,
      extensions: extensions([basicConstraints(ca)]),
      signer,
      digest: 'sha256',
    }),
  );

/** A device of that serial number as it left the factory. */
const device = async (serial: string, signer = MAKER, notAfter = '2040-01-01T00:00:00Z'): Promise<Identity> => ({
  certificate: await certificate(
    `SERIALNUMBER=PID:ISR4331/K9 SN:${serial},CN=ISR4331-SUDI,O=Maker`,
    BUILT_IN_KEY.publicKey.spki,
    signer,
    notAfter,
  ),
  key: BUILT_IN_KEY,
});

const enrol = async (
  subject: string,
  signer: Identity | undefined,
  changes: Partial<Enrolment> = {},
  alias = 'maker',
) => statusOf(await scene.enrol(subject, 'whatever the router asked for', { signer, ...changes }, alias));

beforeAll(async () => {
  scene = await enrolmentScene();
  const root = await certificate('CN=Maker Root,O=Maker', MAKER.publicKey.spki, MAKER, '2040-01-01T00:00:00Z', true);
  const manufacturer = { roots: [pem('CERTIFICATE', root.der)], username: 'SERIALNUMBER:SN' };
  await scene.createAlias('maker', { challenge: { kind: 'manufacturer', manufacturer }, renewal: { window: '100%' } });
  const challenge = { kind: 'manufacturer', manufacturer: { ...manufacturer, acceptExpired: true } };
  await scene.createAlias('as-asked', { challenge, subjectSource: 'request' });
});

afterAll(() => scene.close());

describe("a request that is signed with the manufacturer's certificate (RFC 8894 section 2.3)", () => {
  it('gets the certificate of the end entity that the certificate names, for another key than signed', async () => {
    await scene.register('FDO001', 'never used', { subject: 'CN=branch-1,O=Example' });
    const signer = await device('FDO001');
    const { certificate: got } = issued(await scene.enrol('CN=any name', '', { signer }, 'maker'));
    expect(got.subject.toString()).toBe('CN=branch-1,O=Example');
    expect(got.publicKey.equals(DEVICE_KEY.publicKey)).toBe(true);
    expect((await scene.endEntities.get('FDO001')).status).toBe('GENERATED');
  });

  it('is answered again, and takes its end entity once', async () => {
    await scene.register('FDO002', 'never used');
    const signer = await device('FDO002');
    const message = await scene.message('CN=any name', '', { signer }, 'maker');
    const first = issued(await scene.send(message, 'maker'));
    expect(issued(await scene.send(message, 'maker')).certificate.serialHex).toBe(first.certificate.serialHex);
    expect(await enrol('CN=any name', signer, { key: NEW_KEY })).toBe('badRequest');
    expect(await verdictOn(scene)).toBe('end-entity.status');
  });

  it('is never a renewal: the certificate that was issued is renewed, the built-in one is not', async () => {
    await scene.register('FDO003', 'never used');
    const signer = await device('FDO003');
    expect(await enrol('CN=any name', signer, { messageType: 'RenewalReq' })).toBe('badRequest');
    expect(await verdictOn(scene)).toBe('challenge.manufacturer.renewal');
    const { certificate: got } = issued(await scene.enrol('CN=FDO003', '', { signer }, 'maker'));
    const renewal = { signer: { certificate: got, key: DEVICE_KEY }, key: NEW_KEY, transactionID: 'renewal' };
    expect(issued(await scene.enrol(got.subject.toString(), '', renewal, 'maker'))).toBeDefined();
  });

  it.each<[string, string, () => Promise<Identity | undefined>, string]>([
    ['a device that nobody has registered', 'CN=x', () => device('FDO999'), 'end-entity.unknown'],
    ['a self-signed certificate', 'CN=FDO004', () => Promise.resolve(undefined), 'challenge.manufacturer'],
    [
      'a certificate without the serial number',
      'CN=FDO004',
      async () => ({
        certificate: await certificate('CN=FDO004', BUILT_IN_KEY.publicKey.spki, MAKER, '2040-01-01T00:00:00Z'),
        key: BUILT_IN_KEY,
      }),
      'challenge.manufacturer.username',
    ],
  ])('is refused for %s', async (_, subject, signer, rule) => {
    await scene.register('FDO004', 'never used').catch(() => undefined);
    expect(await enrol(subject, await signer())).toBe('badRequest');
    expect(await verdictOn(scene)).toBe(rule);
  });

  it.each<[string, () => Promise<Identity>]>([
    ['of somebody who only has the name of the manufacturer', () => device('FDO005', NOBODY)],
    ['that has expired', () => device('FDO005', MAKER, '2025-01-01T00:00:00Z')],
  ])('proves nothing with a certificate %s: its key is not the one that is to be certified', async (_, signer) => {
    await scene.register('FDO005', 'never used').catch(() => undefined);
    expect(await enrol('CN=FDO005', await signer())).toBe('badMessageCheck');
    expect(await verdictOn(scene)).toBe('request.signer-key');
  });

  it('lets no device ask for the name of another one (VU#971035), and takes an expired certificate where that is set', async () => {
    await scene.register('FDO006', 'never used');
    await scene.register('FDO007', 'never used');
    const signer = await device('FDO006', MAKER, '2025-01-01T00:00:00Z');
    expect(await enrol('CN=FDO007', signer, {}, 'as-asked')).toBe('badRequest');
    expect(await verdictOn(scene)).toBe('challenge.manufacturer.subject');
    const named = await scene.enrol('CN=branch-6,SERIALNUMBER=FDO006', '', { signer }, 'as-asked');
    expect(issued(named).certificate.subject.toString()).toBe('CN=branch-6,SERIALNUMBER=FDO006');
  });

  it('needs roots that can be read, and a rule that finds a name', async () => {
    const rest = new RestClient(scene.gateway);
    const given = (manufacturer: object) =>
      rest.post('aliases', {
        name: 'other',
        authorities: ['Devices'],
        challenge: { kind: 'manufacturer', manufacturer },
      });
    expect(wrongFields(await given({}))).toEqual(['challenge.manufacturer.roots']);
    expect(wrongFields(await given({ roots: ['no certificate'] }))).toEqual(['challenge.manufacturer.roots[0]']);
    const broken = pem('CERTIFICATE', Buffer.of(0x30, 0x00));
    expect(wrongFields(await given({ roots: [broken], username: 'NOSUCH' }))).toEqual([
      'challenge.manufacturer.roots[0]',
      'challenge.manufacturer.username',
    ]);
  });
});
