import { RolloverService } from '../../src/authorities/rollover.service';
import type { CaCertificates } from '../../src/client/ca-certificates';
import { PrivateKey } from '../../src/pki/cms/private-key';
import { Certificate } from '../../src/pki/x509/certificate';
import { buildCertificate } from '../../src/pki/x509/certificate-builder';
import { buildCertificationRequest, type CertificationRequest } from '../../src/pki/x509/certification-request';
import { DistinguishedName } from '../../src/pki/x509/distinguished-name';
import { basicConstraints, extensions } from '../../src/pki/x509/extension';
import { pem } from '../../src/pki/x509/pem';
import { decodeCertRep } from '../../src/scep/message/cert-rep.decoder';
import { decodePkiMessage } from '../../src/scep/message/pki-message.decoder';
import { DEVICE_KEY, enrolmentScene, type EnrolmentScene } from '../support/enrolment-scene';
import {
  attribute,
  type ForgedIdentity,
  forgeIdentity,
  forgeMessage,
  OIDS,
  printable,
  tlv,
} from '../support/forged-message';
import { RolloverActs } from '../support/rollover';
import { TestSigningKey } from '../support/test-signing-key';

describe('whoever puts a recorded envelope, altered, under a signature of his own learns nothing of its content', () => {
  let scene: EnrolmentScene;
  let signer: ForgedIdentity;
  let key: PrivateKey;
  /** What a device sees of the answer to a message whose envelope, to the alias's second authority, is altered. */
  async function seen(
    content: Buffer,
    alter: (envelope: Buffer) => void = () => undefined,
    type = '19',
    by = signer,
    alias = 'two',
    ca?: CaCertificates,
  ) {
    const client = scene.client('two', 'Others');
    const recorded = await client.encode(
      {
        messageType: 'PKCSReq',
        subject: DistinguishedName.parse('CN=attacker'),
        key,
        request: { der: content } as CertificationRequest,
        digest: 'sha256',
        cipher: 'aes128',
      },
      ca ?? (await client.getCaCert()),
    );
    const altered = Buffer.from(decodePkiMessage(recorded.bytes).envelope!);
    alter(altered);
    const messageType = attribute(OIDS.messageType, printable(type));
    const bytes = forgeMessage({
      signer: by,
      signatureAlgorithm: by.key.asymmetricKeyType === 'ec' ? OIDS.ecdsaWithSHA256 : OIDS.rsaEncryption,
      content: altered,
      attributes: (all) => Object.values({ ...all, messageType }),
    });
    const { body } = await scene.post(bytes, alias);
    const { outcome, signer: answering } = decodeCertRep(body);
    return { ...outcome, signer: answering.subject.toString() };
  }

  const subject = DistinguishedName.parse('CN=somebody');
  const wrongPadding = (altered: Buffer): void => {
    altered[altered.length - 1] = (altered.at(-1) as number) ^ 1;
  };

  beforeAll(async () => {
    scene = await enrolmentScene();
    signer = await forgeIdentity('CN=attacker');
    key = new PrivateKey(signer.key);
    await scene.createAuthority({ name: 'Others', subject: 'CN=Others' });
    await scene.createAlias('two', { authorities: ['Devices', 'Others'] });
  });

  afterAll(() => scene.close());

  it.each<[string, () => Buffer | Promise<Buffer>]>([
    ['no structure', () => Buffer.from('no structure')],
    ['a structure that is no request', () => tlv(0x30, OIDS.data)],
    [
      'a request whose key is none',
      () =>
        tlv(
          0x30,
          tlv(0x30, Buffer.of(2, 1, 0), subject.raw, tlv(0x30, OIDS.data)),
          tlv(0x30, OIDS.unknown),
          tlv(3, Buffer.of(0)),
        ),
    ],
    [
      'somebody else’s request',
      () => buildCertificationRequest({ subject, signer: DEVICE_KEY, challengePassword: 'secret', digest: 'sha256' }),
    ],
    [
      'a request of the signer’s without proof of possession',
      async () => {
        const der = Buffer.from(await buildCertificationRequest({ subject, signer: key, digest: 'sha256' }));
        der[der.length - 1] = (der.at(-1) as number) ^ 1;
        return der;
      },
    ],
  ])('%s looks like a wrong padding', async (_, content) => {
    const answers = [await seen(await content()), await seen(await content(), wrongPadding)];
    expect(answers[0]).toMatchObject({ failInfo: 'badMessageCheck', signer: 'CN=Devices,O=Example' });
    expect(answers[1]).toEqual(answers[0]);
  });

  describe('nor by a renewal, which need not be for the key that signed it', () => {
    let device: ForgedIdentity;

    beforeAll(async () => {
      await scene.createAlias('renewing', { renewal: { window: '100%' } });
      await scene.register('attacker', 'secret');
      const reply = await scene.enrol('CN=attacker', 'secret', { key }, 'renewing');
      if (reply.pkiStatus !== 'SUCCESS') throw new Error(JSON.stringify(reply));
      device = { key: signer.key, certificate: reply.certificate };
    });

    it.each(['17', '19'])('messageType %s', async (type) => {
      const intact = Buffer.from(
        await buildCertificationRequest({ subject, signer: DEVICE_KEY, challengePassword: 'secret', digest: 'sha256' }),
      );
      const unsigned = Buffer.from(intact);
      unsigned[unsigned.length - 1] = (unsigned.at(-1) as number) ^ 1;
      const unreadable = [
        await seen(intact, wrongPadding, type, device),
        await seen(unsigned, undefined, type, device),
        await seen(Buffer.from('no structure'), undefined, type, device),
        await seen(tlv(0x30, OIDS.data), undefined, type, device),
      ];
      expect(unreadable[0]).toMatchObject({ failInfo: 'badMessageCheck', signer: 'CN=Devices,O=Example' });
      for (const answer of unreadable) expect(answer).toEqual(unreadable[0]);
      // What was not altered is judged, by what it asks for.
      expect(await seen(intact, undefined, type, device)).toMatchObject({ failInfo: 'badRequest' });
    });
  });

  describe('nor by a signer who may sign for other keys', () => {
    let builtIn: ForgedIdentity;

    beforeAll(async () => {
      const maker = TestSigningKey.ec();
      const issue = async (name: string, spki: Buffer, ca: boolean) =>
        Certificate.read(
          await buildCertificate({
            serialNumber: Buffer.of(7),
            issuer: DistinguishedName.parse('CN=Maker'),
            subject: DistinguishedName.parse(name),
            notBefore: new Date('2020-01-01T00:00:00Z'),
            notAfter: new Date('2040-01-01T00:00:00Z'),
            spki,
            extensions: extensions([basicConstraints(ca)]),
            signer: maker,
            digest: 'sha256',
          }),
        );
      builtIn = { key: signer.key, certificate: await issue('SERIALNUMBER=4711', key.publicKey.spki, false) };
      const root = await issue('CN=Maker', maker.publicKey.spki, true);
      const manufacturer = { roots: [pem('CERTIFICATE', root.der)] };
      await scene.createAlias('maker', { challenge: { kind: 'manufacturer', manufacturer } });
      const signers = [pem('CERTIFICATE', signer.certificate.der)];
      await scene.createAlias('proxy', {
        operationalMode: 'RA',
        ra: { authenticationPassword: 'another secret', signers },
      });
    });

    it.each<[string, string, () => ForgedIdentity]>([
      ["a manufacturer's certificate", 'maker', () => builtIn],
      ['a listed RA', 'proxy', () => signer],
    ])('%s', async (_, alias, by) => {
      const intact = Buffer.from(
        await buildCertificationRequest({ subject, signer: DEVICE_KEY, challengePassword: 'secret', digest: 'sha256' }),
      );
      const unsigned = Buffer.from(intact);
      unsigned[unsigned.length - 1] = (unsigned.at(-1) as number) ^ 1;
      const ca = await scene.client(alias).getCaCert();
      const unreadable = [
        await seen(intact, wrongPadding, '19', by(), alias, ca),
        await seen(unsigned, undefined, '19', by(), alias, ca),
        await seen(Buffer.from('no structure'), undefined, '19', by(), alias, ca),
        await seen(tlv(0x30, OIDS.data), undefined, '19', by(), alias, ca),
      ];
      expect(unreadable[0]).toMatchObject({ failInfo: 'badMessageCheck', signer: 'CN=Devices,O=Example' });
      for (const answer of unreadable) expect(answer).toEqual(unreadable[0]);
      // What was not altered is judged, by what it asks for.
      expect(await seen(intact, undefined, '19', by(), alias, ca)).toMatchObject({ failInfo: 'badRequest' });
    });
  });

  it('nor by a CertPoll, whose envelope is not opened', async () => {
    await scene.createAlias('asking', { authorities: ['Devices', 'Others'], approval: { enrolment: true } });
    await scene.register('poller', 'secret', { authority: 'Others' });
    const client = scene.client('asking', 'Others');
    const enrolment = {
      messageType: 'PKCSReq',
      subject: DistinguishedName.parse('CN=poller'),
      key,
      challengePassword: 'secret',
      transactionID: 'forged-1',
      digest: 'sha256',
      cipher: 'aes128',
    } as const;
    const message = await client.encode(enrolment, await client.getCaCert());
    expect(await scene.send(message, 'asking')).toEqual({ pkiStatus: 'PENDING' });
    const content = await buildCertificationRequest({ subject, signer: DEVICE_KEY, digest: 'sha256' });
    const poll = (bytes: Buffer, alter?: (envelope: Buffer) => void) => seen(bytes, alter, '20', signer, 'asking');
    const answers = [
      await poll(content),
      await poll(content, wrongPadding),
      await poll(Buffer.from('no structure')),
      await poll(tlv(0x30, subject.raw, subject.raw)),
    ];
    expect(answers[0]).toEqual({ pkiStatus: 'PENDING', signer: 'CN=Others' });
    for (const answer of answers) expect(answer).toEqual(answers[0]);
  });

  it('nor by a CertPoll of somebody else', async () => {
    const content = await buildCertificationRequest({ subject, signer: key, digest: 'sha256' });
    const answers = [await seen(content, undefined, '20'), await seen(content, wrongPadding, '20')];
    expect(answers[0]).toMatchObject({ failInfo: 'badCertId' });
    expect(answers[1]).toEqual(answers[0]);
  });

  it.each([
    ['17', 'badRequest'],
    ['21', 'badCertId'],
    ['22', 'badCertId'],
  ])('nor by messageType %s', async (type, failInfo) => {
    const content = await buildCertificationRequest({ subject, signer: key, digest: 'sha256' });
    const answers = [await seen(content, undefined, type), await seen(content, wrongPadding, type)];
    expect(answers[0]).toMatchObject({ failInfo, signer: 'CN=Devices,O=Example' });
    expect(answers[1]).toEqual(answers[0]);
  });

  it.each(['next', 'previous'])('nor when it is encrypted to the %s generation', async (generation) => {
    const others = new RolloverActs(scene, 'Others', 'two');
    const client = scene.client('two', 'Others');
    const present = await client.getCaCert();
    await others.plan({ key: 'new' });
    const ca = generation === 'next' ? await client.getNextCaCert(present) : present;
    const rollover = scene.gateway.application.get(RolloverService, { strict: false });
    if (generation === 'previous') await rollover.activate('test', 'Others');
    const own = await buildCertificationRequest({ subject, signer: key, challengePassword: 'no', digest: 'sha256' });
    const foreign = await buildCertificationRequest({ subject, signer: DEVICE_KEY, digest: 'sha256' });
    const answers = [
      await seen(own, wrongPadding, '19', signer, 'two', ca),
      await seen(foreign, undefined, '19', signer, 'two', ca),
      await seen(Buffer.from('no structure'), undefined, '19', signer, 'two', ca),
    ];
    expect(answers[0]).toMatchObject({ failInfo: 'badMessageCheck', signer: 'CN=Devices,O=Example' });
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    // What is whole is judged, and answered by whom it was encrypted to.
    const judged = await seen(own, undefined, '19', signer, 'two', ca);
    expect(judged).toMatchObject({ failInfo: 'badRequest', signer: 'CN=Others' });
    if (generation === 'next') await rollover.withdraw('test', 'Others');
  });

  describe('nor with a key whose answer would be encrypted with the challengePassword', () => {
    let curve: ForgedIdentity;
    let curveKey: PrivateKey;

    beforeAll(async () => {
      curve = await forgeIdentity('CN=attacker', 'ec');
      curveKey = new PrivateKey(curve.key);
    });

    it('messageType 19', async () => {
      const own = Buffer.from(await buildCertificationRequest({ subject, signer: curveKey, digest: 'sha256' }));
      own[own.length - 1] = (own.at(-1) as number) ^ 1;
      const contents = [
        Buffer.from('no structure'),
        tlv(0x30, OIDS.data),
        own,
        await buildCertificationRequest({ subject, signer: DEVICE_KEY, digest: 'sha256' }),
        await buildCertificationRequest({ subject, signer: DEVICE_KEY, challengePassword: 'secret', digest: 'sha256' }),
      ];
      const altered = await seen(own, wrongPadding, '19', curve);
      expect(altered).toMatchObject({ failInfo: 'badMessageCheck', signer: 'CN=Devices,O=Example' });
      for (const content of contents) expect(await seen(content, undefined, '19', curve)).toEqual(altered);
    });

    it.each(['21', '22'])('messageType %s', async (type) => {
      const content = await buildCertificationRequest({ subject, signer: curveKey, digest: 'sha256' });
      const answers = [await seen(content, undefined, type, curve), await seen(content, wrongPadding, type, curve)];
      expect(answers[0]).toMatchObject({ failInfo: 'badRequest', signer: 'CN=Devices,O=Example' });
      expect(answers[1]).toEqual(answers[0]);
    });
  });
});
