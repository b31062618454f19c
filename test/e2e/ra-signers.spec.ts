import type { Enrolment, Identity } from '../../src/client/enrolment-message';
import { PrivateKey } from '../../src/pki/cms/private-key';
import { Certificate } from '../../src/pki/x509/certificate';
import { buildCertificate } from '../../src/pki/x509/certificate-builder';
import { DistinguishedName } from '../../src/pki/x509/distinguished-name';
import { statusOf } from '../support/approvals';
import { DEVICE_KEY, enrolmentScene, type EnrolmentScene } from '../support/enrolment-scene';
import { selfSigned } from '../support/plain-request';
import { issued, verdictOn } from '../support/renewal';
import { RestClient } from '../support/rest-client';

const SECRET = 'known to the RA';
const RA_KEY = PrivateKey.generateRsa(2048);
const EXPIRED_KEY = PrivateKey.generateRsa(2048);

let scene: EnrolmentScene;
let rest: RestClient;
let ra: Identity;
let expired: Identity;
let devices = 0;

const pemOf = ({ certificate }: Identity): string =>
  `-----BEGIN CERTIFICATE-----\n${certificate.der.toString('base64')}\n-----END CERTIFICATE-----\n`;

/** A certificate that our own CA has issued, but whose validity was over long ago. */
async function expiredSigner(): Promise<Identity> {
  const name = DistinguishedName.parse('CN=Old RA');
  const der = await buildCertificate({
    serialNumber: Buffer.of(1, 2, 3),
    issuer: name,
    subject: name,
    notBefore: new Date('2010-01-01T00:00:00Z'),
    notAfter: new Date('2011-01-01T00:00:00Z'),
    spki: EXPIRED_KEY.publicKey.spki,
    extensions: undefined,
    signer: EXPIRED_KEY,
    digest: 'sha256',
  });
  return { certificate: Certificate.read(der), key: EXPIRED_KEY };
}

const newSubject = (): string => `CN=byod-${(devices += 1)}`;

const enrol = async (
  signer: Identity,
  { password = SECRET, alias = 'ise', ...changes }: Partial<Enrolment> & { password?: string; alias?: string } = {},
): Promise<string> => statusOf(await scene.enrol(newSubject(), password, { signer, ...changes }, alias));

beforeAll(async () => {
  scene = await enrolmentScene();
  rest = new RestClient(scene.gateway);
  ra = await selfSigned(RA_KEY, 'CN=ISE,O=Example');
  expired = await expiredSigner();
  const settings = { operationalMode: 'RA', ra: { authenticationPassword: SECRET } };
  await scene.createAlias('plain', settings);
  const signers = [`${pemOf(ra)}${pemOf(expired)}`];
  await scene.createAlias('ise', { ...settings, ra: { ...settings.ra, signers } });
  await scene.createAlias('trusting', { ...settings, ra: { ...settings.ra, signers, signersAuthenticate: true } });
});

afterAll(() => scene.close());

describe('a message that a listed RA has signed', () => {
  it('may be for the key of a device, and its answer is for the RA', async () => {
    const subject = newSubject();
    const reply = issued(await scene.enrol(subject, SECRET, { signer: ra }, 'ise'));
    expect(reply.certificate.subject.toString()).toBe(subject);
    expect(reply.certificate.publicKey.equals(DEVICE_KEY.publicKey)).toBe(true);
  });

  it.each(['plain', 'scep'])('may not at an alias that does not list it (%s)', async (alias) => {
    expect(await enrol(ra, { alias })).toBe('badMessageCheck');
    expect(await verdictOn(scene)).toBe('request.signer-key');
  });

  it('still needs the challenge, unless the RA’s word stands for it', async () => {
    expect(await enrol(ra, { password: 'wrong' })).toBe('badRequest');
    expect(await enrol(ra, { password: '' })).toBe('badRequest');
    expect(await enrol(ra, { password: '', alias: 'trusting' })).toBe('SUCCESS');
    expect(await enrol(ra, { password: 'wrong', alias: 'trusting' })).toBe('SUCCESS');
    const own = await selfSigned(DEVICE_KEY, 'CN=device');
    expect(await enrol(own, { password: '', alias: 'trusting' })).toBe('badRequest');
    expect(await enrol(own, { alias: 'trusting' })).toBe('SUCCESS');
  });

  it('gets nobody’s name that has a certificate', async () => {
    const subject = newSubject();
    expect(statusOf(await scene.enrol(subject, SECRET, { signer: ra }, 'trusting'))).toBe('SUCCESS');
    const again = await scene.enrol(subject, SECRET, { signer: ra, key: EXPIRED_KEY }, 'trusting');
    expect(statusOf(again)).toBe('badRequest');
    expect(await verdictOn(scene)).toBe('ra.existingEndEntity');
  });

  it('is refused when the certificate that is listed has expired, whatever it brings along', async () => {
    expect(await enrol(expired)).toBe('badRequest');
    expect(await verdictOn(scene)).toBe('ra.signers.validity');
    expect(await enrol(await selfSigned(EXPIRED_KEY, 'CN=Old RA'))).toBe('badRequest');
    expect(await verdictOn(scene)).toBe('ra.signers.validity');
  });

  it('is registered by its own name where the RA’s word stands for a challenge that is bound to another', async () => {
    await scene.createAlias('trusting-2', {
      operationalMode: 'RA',
      challenge: { kind: 'one-time' },
      ra: { signers: [pemOf(ra)], signersAuthenticate: true },
    });
    const { body } = await rest.post('aliases/trusting-2/challenges', { binding: { username: 'the-boss' } });
    const password = body['challengePassword'] as string;
    const subject = newSubject();
    issued(await scene.enrol(subject, password, { signer: ra }, 'trusting-2'));
    expect((await rest.get('end-entities/the-boss')).status).toBe(404);
    expect((await rest.get(`end-entities/${subject.slice(3)}`)).status).toBe(200);
  });

  it('is no renewal, even where our CA has issued the certificate', async () => {
    const key = PrivateKey.generateRsa(2048);
    const { certificate } = issued(await scene.enrol(newSubject(), SECRET, { key }, 'plain'));
    const own: Identity = { certificate, key };
    await scene.createAlias('own-ra', {
      operationalMode: 'RA',
      renewal: { fromAliases: ['plain'], window: '100%' },
      ra: { authenticationPassword: SECRET, signers: [pemOf(own)] },
    });
    const reply = await scene.enrol(newSubject(), SECRET, { signer: own }, 'own-ra');
    expect(statusOf(reply)).toBe('SUCCESS');
    expect(await enrol(own, { messageType: 'RenewalReq', alias: 'own-ra' })).toBe('badRequest');
    expect(await verdictOn(scene)).toBe('ra.signers.renewal');
    // Not even of its own certificate, by a PKCSReq that would be one otherwise.
    const { subject } = certificate;
    expect(statusOf(await scene.enrol(subject.toString(), SECRET, { signer: own }, 'own-ra'))).toBe('badRequest');
    expect(await verdictOn(scene)).toBe('ra.registered-elsewhere');
  });
});

it('what is no certificate is no signer', async () => {
  for (const text of ['', 'CN=ISE', '-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n']) {
    const { status, body } = await rest.patch('aliases/ise', { ra: { signers: [text] } });
    expect([status, body['errors']]).toEqual([400, [expect.objectContaining({ field: 'ra.signers[0]' })]]);
  }
});
