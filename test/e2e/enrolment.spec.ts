import { X509Certificate } from 'node:crypto';
import type { KeyTransport } from '../../src/pki/cms/key-transport';
import type { CipherName } from '../../src/pki/cms/content-cipher';
import type { DigestName } from '../../src/pki/x509/digest-name';
import { DistinguishedName } from '../../src/pki/x509/distinguished-name';
import { subjectAltName } from '../../src/pki/x509/extension';
import { PrivateKey } from '../../src/pki/cms/private-key';
import { decodePkiMessage } from '../../src/scep/message/pki-message.decoder';
import { decodeCertRep } from '../../src/scep/message/cert-rep.decoder';
import { type AttributeName, forgeIdentity, forgeMessage, OIDS } from '../support/forged-message';
import { DEVICE_KEY, enrolmentScene, type EnrolmentScene } from '../support/enrolment-scene';

type Attributes = Readonly<Record<AttributeName, Buffer>>;

let scene: EnrolmentScene;
let users = 0;

beforeAll(async () => {
  scene = await enrolmentScene();
});

afterAll(() => scene.close());

/** A fresh end entity and its user name. */
async function user(more: object = {}): Promise<string> {
  users += 1;
  const username = `device-${users}`;
  await scene.register(username, 'secret', more);
  return username;
}

const success = (reply: Awaited<ReturnType<EnrolmentScene['enrol']>>) => {
  if (reply.pkiStatus !== 'SUCCESS') throw new Error(JSON.stringify(reply));
  return reply;
};

describe('G-01: PKCSReq in CA mode', () => {
  it('A-01, A-02: is answered by POST and by GET', async () => {
    for (const method of ['POST', 'GET'] as const) {
      const username = await user();
      const message = await scene.message(`CN=${username}`, 'secret');
      const body = await scene.client().send(message.bytes, method);
      expect(decodeCertRep(body).outcome.pkiStatus).toBe('SUCCESS');
    }
  });

  it('yields what the registry and the profile say', async () => {
    const username = await user({
      subject: 'CN=User Usersson,O=PrimeKey,C=SE',
      subjectAltNames: [{ type: 'dns', value: 'user.example.com' }],
    });
    const { certificate } = success(await scene.enrol(`CN=${username} and more,O=Asked`, 'secret'));
    const x509 = new X509Certificate(certificate.der);
    expect(x509.subject).toBe('CN=User Usersson\nO=PrimeKey\nC=SE');
    expect(x509.subjectAltName).toBe('DNS:user.example.com');
    expect(x509.ca).toBe(false);
    expect(x509.issuer).toBe('CN=Devices\nO=Example');
    expect(x509.checkIssued(new X509Certificate((await scene.ca()).issuer.der))).toBe(true);
    expect(x509.serialNumber).toMatch(/^[4-7][0-9A-F]{39}$/);
    expect((await scene.endEntities.get(username)).status).toBe('GENERATED');
  });

  it('takes over the request’s names where the alias says so', async () => {
    await scene.createAlias('asked', { subjectSource: 'request' });
    const username = await user();
    const reply = await scene.enrol(
      `CN=${username},O=Asked`,
      'secret',
      { extensions: [subjectAltName([{ type: 'dns', value: 'asked.example.com' }], false)] },
      'asked',
    );
    const x509 = new X509Certificate(success(reply).certificate.der);
    expect([x509.subject, x509.subjectAltName]).toEqual([`CN=${username}\nO=Asked`, 'DNS:asked.example.com']);
  });

  it('I-30: knows the user by serialNumber where there is no CN', async () => {
    const username = await user();
    success(await scene.enrol(`O=Example,serialNumber=${username}`, 'secret'));
  });

  it('P-06: counts allowed requests, by which a name that has a certificate gets another or does not', async () => {
    const username = await user({ allowedRequests: 2 });
    success(await scene.enrol(`CN=${username}`, 'secret', { transactionID: 'first' }));
    success(await scene.enrol(`CN=${username}`, 'secret', { transactionID: 'second' }));
    expect(await scene.enrol(`CN=${username}`, 'secret', { transactionID: 'third' })).toMatchObject({
      failInfo: 'badRequest',
    });
  });

  it('F-01, F-02, N-18: takes any transactionID and echoes it', async () => {
    for (const transactionID of ['SSCEP transactionId', 'a+/=', 'x'.repeat(255), '0']) {
      const username = await user();
      success(await scene.enrol(`CN=${username}`, 'secret', { transactionID }));
    }
  });
});

describe('I-26, I-27: certificates in the reply', () => {
  it.each([
    ['none', 1],
    ['issuer', 2],
    ['chain', 3],
  ] as const)('includeCaCertificate %s: the issued one first, %i in all', async (includeCaCertificate, count) => {
    const name = `include-${includeCaCertificate}`;
    await scene.createAuthority({ name, subject: `CN=${name}`, issuer: { authority: 'Devices' } });
    await scene.createAlias(name, { authorities: [name], includeCaCertificate });
    const username = await user({ authority: name });
    const { certificate, certificates } = success(await scene.enrol(`CN=${username}`, 'secret', {}, name));
    expect(certificates).toHaveLength(count);
    expect(certificates[0]?.der).toEqual(certificate.der);
  });
});

describe('algorithms', () => {
  const digests: DigestName[] = ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'];
  const ciphers: CipherName[] = ['des', '3des', 'aes128', 'aes192', 'aes256'];

  beforeAll(() =>
    scene.createAlias('all', { algorithms: { accept: { digests, ciphers, keyTransports: ['pkcs1', 'oaep'] } } }),
  );

  it.each(digests)('H-09, I-13: a request with %s is answered with it', async (digest) => {
    const username = await user();
    const message = await scene.message(`CN=${username}`, 'secret', { digest }, 'all');
    const reply = decodeCertRep((await scene.post(message.bytes, 'all')).body);
    expect([reply.outcome.pkiStatus, reply.digest]).toEqual(['SUCCESS', digest]);
  });

  it.each(ciphers)('I-13: a request with %s is answered with it', async (cipher) => {
    const username = await user();
    success(await scene.enrol(`CN=${username}`, 'secret', { cipher }, 'all'));
  });

  it.each<KeyTransport>([
    { scheme: 'oaep', digest: 'sha1', mgfDigest: 'sha1' },
    { scheme: 'oaep', digest: 'sha256', mgfDigest: 'sha256' },
  ])('I-14: RSAES-OAEP, %j', async (keyTransport) => {
    const username = await user();
    success(await scene.enrol(`CN=${username}`, 'secret', { keyTransport }, 'all'));
  });

  it.each([
    ['digest', { digest: 'md5' }],
    ['digest', { digest: 'sha1' }],
    ['cipher', { cipher: 'des' }],
    ['cipher', { cipher: '3des' }],
  ] as const)('K-03: the default alias refuses a weak %s with badAlg: %j', async (_, weak) => {
    const username = await user();
    expect(await scene.enrol(`CN=${username}`, 'secret', weak)).toMatchObject({
      pkiStatus: 'FAILURE',
      failInfo: 'badAlg',
    });
    expect((await scene.endEntities.get(username)).status).toBe('NEW');
  });

  it('K-08: answers with SHA-256 and AES-128 where the reply is fixed', async () => {
    await scene.createAlias('fixed', { algorithms: { reply: 'fixed' } });
    const username = await user();
    const message = await scene.message(`CN=${username}`, 'secret', { digest: 'sha512', cipher: 'aes256' }, 'fixed');
    const reply = decodeCertRep((await scene.post(message.bytes, 'fixed')).body);
    expect([reply.outcome.pkiStatus, reply.digest]).toEqual(['SUCCESS', 'sha256']);
  });
});

describe('authorities', () => {
  it('I-29, N-01: an EC authority speaks SCEP by its RA certificate', async () => {
    await scene.createAuthority({ name: 'EC', subject: 'CN=EC', keyAlgorithm: 'EC-P256' });
    await scene.createAlias('ec', { authorities: ['EC'] });
    const username = await user({ authority: 'EC' });
    const { certificate } = success(await scene.enrol(`CN=${username}`, 'secret', {}, 'ec'));
    const { certificates, issuer } = await scene.ca('ec');
    expect(certificates).toHaveLength(2);
    expect(new X509Certificate(certificate.der).verify(new X509Certificate(issuer.der).publicKey)).toBe(true);
  });

  it('an alias reaches no authority but its own', async () => {
    await scene.createAuthority({ name: 'Other', subject: 'CN=Other' });
    await scene.createAlias('other', { authorities: ['Other'] });
    const username = await user({ authority: 'Devices' });
    expect(await scene.enrol(`CN=${username}`, 'secret', {}, 'other')).toMatchObject({ failInfo: 'badRequest' });
    const [entry] = await scene.log();
    expect(entry).toMatchObject({ rule: 'end-entity.authority', outcome: 'refused' });
    // Encrypted to an authority of another alias: there is no key for it here.
    const message = await scene.message(`CN=${username}`, 'secret');
    const reply = decodeCertRep((await scene.post(message.bytes, 'other')).body);
    expect(reply.outcome).toMatchObject({ pkiStatus: 'FAILURE', failInfo: 'badMessageCheck' });
  });

  it('I-08: a CA identifier names one of the alias’s authorities in any case, else the default', async () => {
    await scene.createAlias('two', { authorities: ['Devices', 'EC'] });
    const issuerFor = async (identifier?: string) =>
      (await scene.client('two', identifier).getCaCert()).issuer.subject.toString();
    expect(await issuerFor('ec')).toBe('CN=EC');
    for (const identifier of [undefined, 'CAIdentifier', 'default', 'MobileIronSCEP', '*'])
      expect(await issuerFor(identifier)).toBe('CN=Devices,O=Example');
    const username = await user({ authority: 'EC' });
    const enrolment = {
      messageType: 'PKCSReq',
      digest: 'sha256',
      cipher: 'aes128',
      challengePassword: 'secret',
    } as const;
    const subject = DistinguishedName.parse(`CN=${username}`);
    const client = scene.client('two', 'EC');
    const reply = await client.enrol({ ...enrolment, subject, key: DEVICE_KEY }, await client.getCaCert(), 'POST');
    expect(success(reply).certificate.issuer.toString()).toBe('CN=EC');
  });

  it('I-08: a strict alias answers 404 to an unknown one', async () => {
    await scene.createAlias('strict', { caIdentifierPolicy: 'strict' });
    await expect(scene.client('strict', 'nobody').getCaCert()).rejects.toThrow('404');
    expect((await scene.client('strict', 'Devices').getCaCert()).certificates).toHaveLength(1);
  });
});

describe('messages that only a device profile lets in', () => {
  it.each([
    [
      'libscep',
      'no contentType attribute',
      { attributes: ({ contentType: _, ...others }: Attributes) => Object.values(others) },
    ],
    ['xipki', 'eContentType id-envelopedData', { contentType: OIDS.envelopedData }],
  ] as const)('%s: %s', async (deviceProfile, _, parts) => {
    await scene.createAlias(deviceProfile, { deviceProfile });
    const username = await user();
    const signer = await forgeIdentity(`CN=${username}`);
    const { bytes } = await scene.message(`CN=${username}`, 'secret', { key: new PrivateKey(signer.key) });
    const forged = forgeMessage({ signer, content: decodePkiMessage(bytes).envelope!, ...parts });
    const statusAt = async (alias: string) => decodeCertRep((await scene.post(forged, alias)).body).outcome.pkiStatus;
    expect([await statusAt('scep'), await statusAt(deviceProfile)]).toEqual(['FAILURE', 'SUCCESS']);
  });
});

it('an authority that has expired is answered with 503, and the request log tells why', async () => {
  const username = await user();
  const message = await scene.message(`CN=${username}`, 'secret');
  scene.clock.advance({ days: 3651 });
  const { status, contentType } = await scene.post(message.bytes);
  expect([status, contentType]).toEqual([503, 'text/plain']);
  const [entry] = await scene.log();
  expect(entry).toMatchObject({ outcome: 'failed', username, errorCode: 'authority-unavailable', failInfo: null });
  expect(entry).toMatchObject({ rule: 'authority.validity', explanation: expect.stringMatching(/valid from .* to /) });
  expect((await scene.endEntities.get(username)).status).toBe('NEW');
});
