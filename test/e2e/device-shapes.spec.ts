import { createPublicKey, generateKeyPairSync, type KeyObject, X509Certificate } from 'node:crypto';
import { ContentInfo, SignedData } from 'pkijs';
import { findDeviceProfile } from '../../src/device-profiles/device-profile-catalogue';
import { readCertsOnly } from '../../src/pki/cms/degenerate';
import { PrivateKey } from '../../src/pki/cms/private-key';
import { Certificate } from '../../src/pki/x509/certificate';
import { readGeneralNames } from '../../src/pki/x509/general-name';
import { Oid } from '../../src/pki/x509/oid';
import { decodeCertRep } from '../../src/scep/message/cert-rep.decoder';
import { openEnvelope } from '../../src/scep/message/pkcs-pki-envelope.opener';
import { type DeviceAnswer, sendMessage, shownCertificates, speak } from '../support/device-connection';
import {
  deviceKey,
  deviceMessage,
  type DeviceMessage,
  type DeviceRequest,
  type DeviceShape,
} from '../support/device-shapes';
import { enrolmentScene, type EnrolmentScene } from '../support/enrolment-scene';
import { MANAGED_DEVICE_SHAPES } from '../support/managed-device-shapes';
import { NETWORK_DEVICE_SHAPES } from '../support/network-device-shapes';
import { RestClient } from '../support/rest-client';

/** One gateway for all kinds of device: each has an alias with its profile, and says what it says in its own manner. */
const SHAPES = [...NETWORK_DEVICE_SHAPES, ...MANAGED_DEVICE_SHAPES];

let scene: EnrolmentScene;
let rest: RestClient;

beforeAll(async () => {
  scene = await enrolmentScene();
  rest = new RestClient(scene.gateway);
  await scene.createAuthority({ name: 'Below', subject: 'CN=Below', issuer: { authority: 'Devices' } });
  await scene.createAuthority({ name: 'VpnCA', subject: 'CN=VpnCA', settings: { dataEncipherment: true } });
  await scene.createAuthority({ name: 'WithRa', subject: 'CN=WithRa', settings: { raCertificate: 'single' } });
  await scene.createAuthority({ name: 'WithRaPair', subject: 'CN=WithRaPair', settings: { raCertificate: 'pair' } });
  await rest.post('certificate-profiles', { name: 'SHORT-KEYS', minimumRsaBits: 1024 });
  for (const { profile, authority, username, alias = {}, registered = {} } of SHAPES) {
    await scene.createAlias(profile, { deviceProfile: profile, authorities: [authority], ...alias });
    await scene.register(username, 'secret', { authority, ...registered });
  }
});

afterAll(() => scene.close());

/** Sends what a device sends before it enrols, and its message for what it was shown. */
async function ask(shape: DeviceShape, request: Omit<DeviceRequest, 'recipient'>): Promise<Asked> {
  const { gateway } = scene;
  const { transport, profile } = shape;
  const answers: DeviceAnswer[] = [];
  for (const { query, contentType } of shape.queries) {
    const answer = await speak(gateway, transport, profile, query);
    expect([query, answer.status, answer.contentType]).toEqual([query, 200, contentType]);
    if (query.includes('GetCACert&')) answers.push(answer);
  }
  const shown = shownCertificates(answers[0] ?? (await speak(gateway, transport, profile, 'operation=GetCACert')));
  const message = await deviceMessage(shape, { ...request, recipient: shown.recipient });
  return { message, shown, ...(await send(shape, message)) };
}

interface Asked extends Sent {
  readonly message: DeviceMessage;
  readonly shown: ReturnType<typeof shownCertificates>;
}

interface Sent {
  readonly body: Buffer;
  readonly reply: ReturnType<typeof decodeCertRep>;
}

async function send(shape: DeviceShape, { bytes }: DeviceMessage): Promise<Sent> {
  scene.clock.advance({ milliseconds: 1 });
  const { status, contentType, body } = await sendMessage(scene.gateway, shape.transport, shape.profile, bytes);
  expect([status, contentType]).toEqual([200, 'application/x-pki-message']);
  return { body, reply: decodeCertRep(body) };
}

/** What the device finds in the envelope: the content's cipher and key transport, and the certificates. */
async function opened({ message, reply }: Pick<Asked, 'message' | 'reply'>, key: KeyObject) {
  const recipient = { certificate: message.signer.certificate, key: new PrivateKey(key) };
  const { content, cipher, keyTransport } = await openEnvelope(reply.envelope!, [recipient]);
  return {
    cipher,
    keyTransport,
    certificates: readCertsOnly(content).certificates.map((der) => Certificate.read(der)),
  };
}

const altNamesOf = (certificate: Certificate): string[] => {
  const value = certificate.extension(Oid.subjectAltName);
  return value === undefined ? [] : readGeneralNames(value).map(({ type, value: text }) => `${type}:${text}`);
};

describe.each(SHAPES.map((shape) => [shape.profile, shape] as const))('%s', (profile, shape) => {
  it('is told of a refusal in the form that it reads', async () => {
    const { message, reply, body } = await ask(shape, { challengePassword: 'wrong' });
    expect(reply.outcome).toMatchObject({ pkiStatus: 'FAILURE', failInfo: 'badRequest' });
    expect(reply.recipientNonce).toEqual(message.senderNonce);
    const { eContent } = new SignedData({ schema: ContentInfo.fromBER(body).content }).encapContentInfo;
    const { emptyContent } = findDeviceProfile(profile)!;
    if (emptyContent === 'absent') expect(eContent).toBeUndefined();
    else expect(eContent!.getValue().byteLength).toBe(0);
    await rest.post(`end-entities/${shape.username}/unlock`);
  });

  it('gets its certificate in answer to what it sends, and the same one again', async () => {
    const asked = await ask(shape, { challengePassword: 'secret' });
    const { message, reply, shown } = asked;
    expect(reply).toMatchObject({
      outcome: { pkiStatus: 'SUCCESS' },
      transactionID: message.transactionID,
      recipientNonce: message.senderNonce,
      digest: shape.digest,
      defects: [],
    });
    expect(reply.senderNonce).toHaveLength(shape.nonceLength ?? 16);
    expect(reply.signer.der).toEqual(shown.signer.der);
    const key = deviceKey(shape.keyBits ?? 2048);
    const { certificates, cipher, keyTransport } = await opened(asked, key);
    expect([cipher, keyTransport.scheme]).toEqual([shape.cipher, shape.keyTransport?.scheme ?? 'pkcs1']);
    expect(certificates).toHaveLength(shape.needs.certificates);
    const [own] = certificates;
    const seen = new X509Certificate(own!.der);
    expect(seen.publicKey.equals(createPublicKey(key))).toBe(true);
    expect(shown.all.some((ca) => seen.verify(new X509Certificate(ca.der).publicKey))).toBe(true);
    expect(altNamesOf(own!)).toEqual(shape.needs.altNames ?? []);

    const again = { ...asked, ...(await send(shape, message)) };
    if (findDeviceProfile(profile)!.repeatsSenderNonce) expect(reply.senderNonce).toEqual(message.senderNonce);
    else expect([message.senderNonce, reply.senderNonce]).not.toContainEqual(again.reply.senderNonce);
    expect((await opened(again, key)).certificates[0]!.der).toEqual(own!.der);
  });
});

describe('a Cisco router, which puts names of its own into each request', () => {
  const routers = NETWORK_DEVICE_SHAPES.filter(({ profile }) => /^cisco-(ios|asa)/.test(profile));
  const newKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;

  it.each(routers.map((shape) => [shape.profile, shape] as const))('renews: %s', async (profile, shape) => {
    await scene.createAlias(`${profile}-renewal`, {
      deviceProfile: profile,
      authorities: [shape.authority],
      renewal: { window: '100%' },
    });
    const renewing: DeviceShape = { ...shape, profile: `${profile}-renewal` };
    await rest.post(`end-entities/${shape.username}/status`, { status: 'NEW', enrolmentCode: 'secret' });
    const first = await ask(renewing, { challengePassword: 'secret' });
    const key = deviceKey(2048);
    const [certificate] = (await opened(first, key)).certificates;
    const second = await ask(renewing, {
      challengePassword: 'of no matter',
      key: newKey,
      renews: { key, certificate: certificate! },
    });
    expect(second.reply.outcome).toEqual({ pkiStatus: 'SUCCESS' });
    const [renewed] = (await opened(second, key)).certificates;
    expect(new X509Certificate(renewed!.der).publicKey.equals(createPublicKey(newKey))).toBe(true);
    expect(renewed!.subject.toString()).toBe('OU=Branches');
    expect(altNamesOf(renewed!)).toEqual(shape.needs.altNames);
  });
});

describe('what PIX needs of its authority and its end entity', () => {
  it('is dataEncipherment in the keyUsage of the CA certificate, beside keyEncipherment', async () => {
    const { body } = await speak(
      scene.gateway,
      NETWORK_DEVICE_SHAPES[0]!.transport,
      'cisco-pix',
      'operation=GetCACert&message=vpnca',
    );
    const { keyUsage } = Certificate.read(body);
    expect(keyUsage).toEqual(
      new Set(['digitalSignature', 'keyEncipherment', 'dataEncipherment', 'keyCertSign', 'cRLSign']),
    );
  });

  it('is a subject without DC: such a one is refused, and the request log says why', async () => {
    const shape = NETWORK_DEVICE_SHAPES.find(({ profile }) => profile === 'cisco-pix')!;
    await rest.patch(`end-entities/${shape.username}`, { subject: 'CN=pix,DC=example', enrolmentCode: 'secret' });
    await rest.post(`end-entities/${shape.username}/status`, { status: 'NEW', enrolmentCode: 'secret' });
    const { reply } = await ask(
      { ...shape, transactionID: () => 'with-domain-component' },
      { challengePassword: 'secret' },
    );
    expect(reply.outcome).toMatchObject({ pkiStatus: 'FAILURE', failInfo: 'badRequest' });
    const [entry] = await scene.log();
    expect(entry).toMatchObject({ rule: 'device-profile.refusesDomainComponents' });
  });
});

describe('a CA identifier', () => {
  const transport = NETWORK_DEVICE_SHAPES[0]!.transport;
  const askedFor = async (alias: string, identifier: string): Promise<string> => {
    const query = `operation=GetCACert&message=${identifier}`;
    return Certificate.read((await speak(scene.gateway, transport, alias, query)).body).subject.toString();
  };

  it.each(['cisco-pix', 'cisco-vpn-client', 'juniper-netscreen', 'juniper-junos'])(
    'names one of the authorities of the alias, whatever the case, and else means the first: %s',
    async (deviceProfile) => {
      const alias = `${deviceProfile}-two`;
      await scene.createAlias(alias, { deviceProfile, authorities: ['Devices', 'VpnCA'] });
      expect(await askedFor(alias, 'vpnca')).toBe('CN=VpnCA');
      expect(await askedFor(alias, 'VPNCA')).toBe('CN=VpnCA');
      expect(await askedFor(alias, 'devices')).toBe('CN=Devices,O=Example');
      expect(await askedFor(alias, 'example.com')).toBe('CN=Devices,O=Example');
    },
  );
});

describe('what a device profile recommends', () => {
  const offered = async (): Promise<string> =>
    (await speak(scene.gateway, NETWORK_DEVICE_SHAPES[0]!.transport, 'moved', 'operation=GetCACaps')).body.toString();

  it('is shown and served as long as the alias is given nothing itself', async () => {
    const made = await rest.post('aliases', {
      name: 'moved',
      deviceProfile: 'juniper-junos',
      authorities: ['Devices'],
    });
    expect(made.body).toMatchObject({ includeCaCertificate: 'none', algorithms: { accept: { minimumRsaBits: 2048 } } });
    expect(await offered()).toContain('DES3');

    const given = await rest.patch('aliases/moved', { includeCaCertificate: 'chain' });
    expect(given.body['includeCaCertificate']).toBe('chain');
    const moved = await rest.patch('aliases/moved', { deviceProfile: 'cisco-ios-xe' });
    expect(moved.body).toMatchObject({
      includeCaCertificate: 'chain',
      renewal: { ignoredSubjectAttributes: ['SERIALNUMBER', 'unstructuredName', 'unstructuredAddress'] },
    });
    expect(await offered()).not.toContain('DES3');
    const back = await rest.patch('aliases/moved', { deviceProfile: 'juniper-junos', includeCaCertificate: null });
    expect(back.body['includeCaCertificate']).toBe('none');
  });
});
