import { X509Certificate } from 'node:crypto';
import type { EnrolmentReply } from '../../src/client/enrolment-message';
import { SystemRandomSource } from '../../src/common/random-source';
import { readCertsOnly } from '../../src/pki/cms/degenerate';
import { readEnvelopedData } from '../../src/pki/cms/enveloped-data';
import { encodeEnvelopedData, encodePasswordEnvelope } from '../../src/pki/cms/enveloped-data.writer';
import { PKCS1_KEY_TRANSPORT } from '../../src/pki/cms/key-transport';
import { PrivateKey } from '../../src/pki/cms/private-key';
import { Certificate } from '../../src/pki/x509/certificate';
import { buildCertificationRequest } from '../../src/pki/x509/certification-request';
import { DistinguishedName } from '../../src/pki/x509/distinguished-name';
import type { KeyUsageBit } from '../../src/pki/x509/extension';
import { CertificateProfileRegistry } from '../../src/profiles/certificate-profile.registry';
import { decodeCertRep, openCertRep } from '../../src/scep/message/cert-rep.decoder';
import { DEVICE_KEY, enrolmentScene, type EnrolmentScene } from '../support/enrolment-scene';
import { forgeIdentity, forgeMessage, OIDS, tlv } from '../support/forged-message';
import { itWithOpenssl, openssl } from '../support/openssl';
import { type PlainRequest, selfSigned, sendPlain } from '../support/plain-request';
import { issued, NEW_KEY, renew, verdictOn } from '../support/renewal';

/** Clients whose keys cannot decrypt: RFC 8894 section 3.1, rows K-04 to K-07. */
const CURVES = ['P-256', 'P-384', 'P-521'] as const;
const EC_KEY = PrivateKey.generateEc('P-256');
const OTHER_EC_KEY = PrivateKey.generateEc('P-384');
const SIGN_ONLY: readonly KeyUsageBit[] = ['digitalSignature'];

let scene: EnrolmentScene;
let users = 0;

beforeAll(async () => {
  scene = await enrolmentScene();
  await scene.createAlias('renewing', { renewal: { window: '100%', allowOldKey: true } });
  await scene.createAlias('cryptlib', { deviceProfile: 'cryptlib' });
  await scene.createAlias('no-curves', { algorithms: { accept: { ecCurves: [] } } });
  await scene.createAlias('one-curve', { algorithms: { accept: { ecCurves: ['P-384'] } } });
  await scene.createAlias('small', { algorithms: { accept: { minimumRsaBits: 1024 } } });
  const profiles = scene.gateway.application.get(CertificateProfileRegistry, { strict: false });
  await profiles.create('test', 'SMALL', { minimumRsaBits: 1024 });
  await profiles.create('test', 'RSA-ONLY', { keyAlgorithms: ['rsa'] });
  await profiles.create('test', 'ONE-CURVE', { ecCurves: ['P-256'] });
  await profiles.create('test', 'SIGN-ONLY', { keyUsage: ['digitalSignature'] });
});

afterAll(() => scene.close());

async function user(more: object = {}): Promise<string> {
  users += 1;
  const username = `ec-${users}`;
  await scene.register(username, 'secret', more);
  return username;
}

/** A request for an end entity of its own. */
const fresh = async (more: Partial<PlainRequest> = {}, entity: object = {}): Promise<PlainRequest> => ({
  subject: `CN=${await user(entity)}`,
  key: EC_KEY,
  challengePassword: 'secret',
  ...more,
});

const recipientsOf = (envelope: Buffer | undefined) => {
  const { recipients, passwordRecipients } = readEnvelopedData(envelope ?? Buffer.alloc(0));
  return { byKey: recipients.length, byPassword: passwordRecipients.length };
};
const BY_KEY = { byKey: 1, byPassword: 0 };
const BY_PASSWORD = { byKey: 0, byPassword: 1 };

/** A request that must be refused: what the device is told, the rule, and that nothing was issued. */
async function refusal(asked: PlainRequest, alias?: string) {
  const before = await scene.certificates();
  const reply = await sendPlain(scene, asked, alias);
  expect(await scene.certificates()).toBe(before);
  return { ...reply.outcome, rule: await verdictOn(scene) };
}

describe('an EC key', () => {
  it.each(CURVES)('K-05: on %s is certified, and the answer is encrypted with the challengePassword', async (curve) => {
    const key = PrivateKey.generateEc(curve);
    const { certificate } = issued(await scene.enrol(`CN=${await user()}`, 'secret', { key }));
    expect(certificate.publicKey.equals(key.publicKey)).toBe(true);
    expect(certificate.keyUsage).toEqual(new Set(['digitalSignature']));
    expect(new X509Certificate(certificate.der).publicKey.asymmetricKeyDetails).toMatchObject({
      namedCurve: { 'P-256': 'prime256v1', 'P-384': 'secp384r1', 'P-521': 'secp521r1' }[curve],
    });
  });

  it.each(['aes128', 'aes192', 'aes256'] as const)('is answered in the cipher of its request: %s', async (cipher) => {
    const { envelope } = await sendPlain(scene, await fresh({ cipher }));
    expect(recipientsOf(envelope)).toEqual(BY_PASSWORD);
    const oid = { aes128: '2', aes192: '22', aes256: '42' }[cipher];
    expect(readEnvelopedData(envelope!).contentEncryptionAlgorithm.oid).toBe(`2.16.840.1.101.3.4.1.${oid}`);
  });

  itWithOpenssl('gets an answer that OpenSSL decrypts with the challengePassword', async () => {
    const { envelope } = await sendPlain(scene, await fresh());
    const decrypt = 'cms -decrypt -binary -inform DER -in message -out out -pwri_password'.split(' ');
    const { certificates } = readCertsOnly(openssl({ message: envelope! }, [...decrypt, 'secret']));
    expect(new X509Certificate(certificates[0]!).subject).toBe(`CN=ec-${users}`);
    expect(() => openssl({ message: envelope! }, [...decrypt, 'another'])).toThrow();
  });

  it.each([undefined, ''])('K-07: without a challengePassword (%j) is refused, and told why', async (none) => {
    const asked = await fresh({ challengePassword: none });
    expect(await refusal(asked)).toEqual({
      pkiStatus: 'FAILURE',
      failInfo: 'badRequest',
      failInfoText: expect.stringContaining('no challengePassword to encrypt it with') as string,
      rule: 'reply.challenge-password',
    });
    // Nothing was used up.
    expect((await sendPlain(scene, { ...asked, challengePassword: 'secret' })).outcome.pkiStatus).toBe('SUCCESS');
  });

  it('with a wrong challengePassword is refused like any other, in clear', async () => {
    const reply = await refusal(await fresh({ challengePassword: 'wrong' }));
    expect(reply).toMatchObject({ failInfo: 'badRequest', rule: 'challenge.wrong' });
  });

  it('proves its possession: a message by another key is refused', async () => {
    const signer = await selfSigned(OTHER_EC_KEY, 'CN=somebody');
    expect(await refusal(await fresh({ signer }))).toMatchObject({
      failInfo: 'badMessageCheck',
      rule: 'request.signer-key',
    });
  });

  it.each([
    ['no-curves', EC_KEY, {}, 'algorithms.accept.ecCurves', 'badAlg'],
    ['one-curve', EC_KEY, {}, 'algorithms.accept.ecCurves', 'badAlg'],
    ['one-curve', OTHER_EC_KEY, {}, 'issued', undefined],
    ['scep', EC_KEY, { certificateProfile: 'RSA-ONLY' }, 'certificate-profile.key', 'badRequest'],
    ['scep', OTHER_EC_KEY, { certificateProfile: 'ONE-CURVE' }, 'certificate-profile.key', 'badRequest'],
    ['scep', EC_KEY, { certificateProfile: 'ONE-CURVE' }, 'issued', undefined],
  ])('is certified as the alias and the profile allow: %s', async (alias, key, entity, rule, failInfo) => {
    const reply = await sendPlain(scene, await fresh({ key }, entity), alias);
    expect(await verdictOn(scene)).toBe(rule);
    if (failInfo !== undefined) expect(reply.outcome).toMatchObject({ failInfo });
  });

  it('to which an RSA key renews is looked at, too', async () => {
    const key = PrivateKey.generateRsa(2048);
    const subject = `CN=${await user()}`;
    const { certificate } = issued(await scene.enrol(subject, 'secret', { key }, 'one-curve'));
    const asked = { subject, key: EC_KEY, signer: { certificate, key }, messageType: 'RenewalReq' } as const;
    expect(await refusal(asked, 'one-curve')).toMatchObject({ failInfo: 'badAlg', rule: 'algorithms.accept.ecCurves' });
  });

  it('shows in the request log, the challengePassword does not', async () => {
    await sendPlain(scene, await fresh());
    const [record] = await scene.log();
    expect(record).toMatchObject({ outcome: 'issued', decoded: { answer: 'password', request: { key: 'ec 256' } } });
    expect(JSON.stringify(record)).not.toContain('secret');
  });
});

describe('a repeat by an EC key', () => {
  it('gets the same certificate, under the challengePassword of the repeat', async () => {
    const asked = await fresh({ transactionID: 'repeated' });
    const signer = await selfSigned(EC_KEY, 'CN=any');
    const read = async (challengePassword: string, opening = challengePassword): Promise<string> => {
      const reply = await sendPlain(scene, { ...asked, challengePassword });
      const [certificate] = await openCertRep(reply, { ...signer, challengePassword: opening });
      return certificate!.serialHex;
    };
    const first = await read('secret');
    expect(await read('secret')).toBe(first);
    // Its challengePassword is not checked (docs/adr/0005), and what it opens is what anyone may ask for by GetCert.
    expect(await read('another')).toBe(first);
    await expect(read('another', 'secret')).rejects.toMatchObject({ code: 'envelope-unreadable' });
  });

  it('byte for byte is encrypted anew, to be read by nobody who did not send the first', async () => {
    const message = await scene.message(`CN=${await user()}`, 'secret', { key: EC_KEY });
    const first = decodeCertRep((await scene.post(message.bytes)).body).envelope!;
    const second = decodeCertRep((await scene.post(message.bytes)).body).envelope!;
    const keys = [first, second].map((envelope) => readEnvelopedData(envelope).passwordRecipients[0]!.raw);
    expect(keys[0]).not.toEqual(keys[1]);
    await expect(scene.send(message)).resolves.toMatchObject({ pkiStatus: 'SUCCESS' });
  });

  it('is refused without a challengePassword', async () => {
    const asked = await fresh({ transactionID: 'repeated without' });
    await sendPlain(scene, asked);
    const reply = await refusal({ ...asked, challengePassword: undefined });
    expect(reply).toMatchObject({ failInfo: 'badRequest', rule: 'reply.challenge-password' });
  });
});

describe('a renewal', () => {
  const enrolled = async (key: PrivateKey) => {
    const { certificate } = issued(await scene.enrol(`CN=${await user()}`, 'secret', { key }, 'renewing'));
    return { certificate, key };
  };

  it.each(['RenewalReq', 'PKCSReq'] as const)(
    'K-07: by an EC key without a challengePassword is refused, and told why: %s',
    async (messageType) => {
      const signer = await enrolled(EC_KEY);
      const subject = signer.certificate.subject.toString();
      for (const key of [OTHER_EC_KEY, NEW_KEY])
        expect(await refusal({ subject, key, signer, messageType }, 'renewing')).toMatchObject({
          failInfo: 'badRequest',
          failInfoText: expect.stringContaining('send a request that has one, also to renew') as string,
          rule: 'reply.challenge-password',
        });
    },
  );

  it('by an EC key is answered with the challengePassword that it sends, whatever that is', async () => {
    const signer = await enrolled(EC_KEY);
    const challengePassword = 'made for this one answer';
    const { certificate } = issued(await renew(scene, signer, { key: OTHER_EC_KEY, challengePassword }, 'renewing'));
    expect(certificate.publicKey.curve).toBe('P-384');
  });

  it('K-04: from RSA to EC is answered to the RSA key, and needs no challengePassword', async () => {
    const signer = await enrolled(DEVICE_KEY);
    const subject = signer.certificate.subject.toString();
    const reply = await sendPlain(scene, { subject, key: EC_KEY, signer, messageType: 'RenewalReq' }, 'renewing');
    expect(recipientsOf(reply.envelope)).toEqual(BY_KEY);
  });

  it('from EC to RSA is answered with the challengePassword, for the EC key signed', async () => {
    const signer = await enrolled(EC_KEY);
    const challengePassword = 'secret';
    expect(issued(await renew(scene, signer, { challengePassword }, 'renewing')).certificate.publicKey.type).toBe(
      'rsa',
    );
  });
});

describe('an RSA key whose certificate is for signatures alone', () => {
  const byUsage = async (usage: readonly KeyUsageBit[] | undefined, more: Partial<PlainRequest> = {}) => {
    const asked = await fresh({ key: DEVICE_KEY, ...more });
    return { ...asked, signer: await selfSigned(DEVICE_KEY, asked.subject, usage) };
  };

  it('N-21: is answered by key transport all the same, unless the device profile says otherwise', async () => {
    expect(recipientsOf((await sendPlain(scene, await byUsage(SIGN_ONLY))).envelope)).toEqual(BY_KEY);
  });

  it('K-05: is answered with the challengePassword under a profile whose clients keep it from decrypting', async () => {
    const asked = await byUsage(SIGN_ONLY);
    const reply = await sendPlain(scene, asked, 'cryptlib');
    expect(recipientsOf(reply.envelope)).toEqual(BY_PASSWORD);
    const reader = { ...asked.signer, challengePassword: 'secret' };
    expect((await openCertRep(reply, reader))[0]!.subject.toString()).toBe(asked.subject);
  });

  it.each<[string, readonly KeyUsageBit[] | undefined]>([
    ['may decrypt keys', ['digitalSignature', 'keyEncipherment']],
    ['says nothing', undefined],
  ])('K-04: and one that %s is answered by key transport under that profile', async (_, usage) => {
    expect(recipientsOf((await sendPlain(scene, await byUsage(usage), 'cryptlib')).envelope)).toEqual(BY_KEY);
  });

  it('K-07: is refused under that profile without a challengePassword', async () => {
    const asked = await byUsage(SIGN_ONLY, { challengePassword: undefined });
    expect(await refusal(asked, 'cryptlib')).toMatchObject({
      failInfo: 'badRequest',
      rule: 'reply.challenge-password',
    });
  });
});

describe('an answer that cannot be made', () => {
  const oaep = (digest: 'sha256' | 'sha512') => ({ scheme: 'oaep', digest, mgfDigest: digest }) as const;

  it('is known before anything is issued: OAEP with SHA-512 has no room in RSA-1024', async () => {
    const key = PrivateKey.generateRsa(1024);
    const asked = await fresh({ key, keyTransport: oaep('sha512') }, { certificateProfile: 'SMALL' });
    expect(await refusal(asked, 'small')).toMatchObject({
      failInfo: 'badAlg',
      failInfoText: expect.stringContaining('1024 bits') as string,
      rule: 'reply.key-transport',
    });
    const reply: EnrolmentReply['pkiStatus'] = (
      await sendPlain(scene, { ...asked, keyTransport: oaep('sha256') }, 'small')
    ).outcome.pkiStatus;
    expect(reply).toBe('SUCCESS');
  });
});

describe('an answer to a certificate that cannot be read in full', () => {
  it('names it as it stands: an issuer that is no name, to a signer found by its key identifier', async () => {
    const asked = await fresh({ key: DEVICE_KEY });
    const whole = await forgeIdentity(asked.subject, 'rsa', true);
    const key = new PrivateKey(whole.key);
    const der = Buffer.from(whole.certificate.der);
    // The first RelativeDistinguishedName is no SET any more.
    der[der.indexOf(whole.certificate.issuer.raw) + 2] = 0x32;
    const certificate = Certificate.read(der);
    expect(() => certificate.issuer.rdns).toThrow();
    const subject = DistinguishedName.parse(asked.subject);
    const request = { subject, signer: key, challengePassword: 'secret', digest: 'sha256' } as const;
    const content = encodeEnvelopedData(
      {
        content: await buildCertificationRequest(request),
        recipient: (await scene.ca()).recipient,
        cipher: 'aes128',
        keyTransport: PKCS1_KEY_TRANSPORT,
      },
      new SystemRandomSource(),
    );
    const identifier = tlv(0x80, whole.certificate.subjectKeyIdentifier!);
    const bytes = forgeMessage({ signer: { key: whole.key, certificate }, content, identifier });
    const reply = decodeCertRep((await scene.post(bytes)).body);
    expect(reply.outcome).toEqual({ pkiStatus: 'SUCCESS' });
    expect(await openCertRep(reply, { certificate: whole.certificate, key })).toHaveLength(2);
  });
});

describe('a request that is itself encrypted with a password', () => {
  it('K-05: is refused, and told what to encrypt to', async () => {
    const asked = await fresh();
    const random = new SystemRandomSource();
    const content = await encodePasswordEnvelope(
      { content: Buffer.from('3000', 'hex'), cipher: 'aes128', password: 'secret' },
      random,
    );
    const signer = await forgeIdentity(asked.subject, 'ec');
    const bytes = forgeMessage({ signer, content, signatureAlgorithm: OIDS.ecdsaWithSHA256 });
    expect(decodeCertRep((await scene.post(bytes)).body).outcome).toEqual({
      pkiStatus: 'FAILURE',
      failInfo: 'badAlg',
      failInfoText: expect.stringContaining('encrypt it to the RSA certificate that GetCACert gives') as string,
    });
    expect(await verdictOn(scene)).toBe('message.password-recipient');
  });
});

describe('what no password can open', () => {
  it.each(['GetCert', 'GetCRL'] as const)('%s by an EC key is refused, and told why', async (messageType) => {
    const nothing = Buffer.from('3000', 'hex');
    expect(await refusal(await fresh({ messageType, content: nothing }))).toMatchObject({
      failInfo: 'badRequest',
      failInfoText: expect.stringContaining('a query has no challengePassword') as string,
      rule: 'reply.challenge-password',
    });
  });
});

describe.each(['EC-P256', 'EC-P384'] as const)('an authority with %s', (keyAlgorithm) => {
  const alias = keyAlgorithm.toLowerCase();

  beforeAll(async () => {
    await scene.createAuthority({ name: keyAlgorithm, subject: `CN=${keyAlgorithm}`, keyAlgorithm });
    await scene.createAlias(alias, { authorities: [keyAlgorithm] });
  });

  it.each([
    ['EC', EC_KEY],
    ['RSA', DEVICE_KEY],
  ])('has an RSA certificate to speak SCEP, and its own key certifies alone: %s client', async (_, key) => {
    const { issuer, recipient, signers } = await scene.ca(alias);
    expect(issuer.publicKey).toMatchObject({ type: 'ec', curve: keyAlgorithm.replace('EC-P', 'P-') });
    expect(recipient.publicKey.type).toBe('rsa');
    expect(signers.map(({ der }) => der)).toEqual([recipient.der]);
    const username = await user({ authority: keyAlgorithm });
    const { certificate } = issued(await scene.enrol(`CN=${username}`, 'secret', { key }, alias));
    expect(certificate.isSignedBy(issuer.publicKey)).toBe(true);
    expect(new X509Certificate(certificate.der).verify(new X509Certificate(issuer.der).publicKey)).toBe(true);
  });
});
