import { X509Certificate } from 'node:crypto';
import { PrivateKey } from '../../src/pki/cms/private-key';
import type { CertificationRequest } from '../../src/pki/x509/certification-request';
import { readGeneralNames } from '../../src/pki/x509/general-name';
import { Oid } from '../../src/pki/x509/oid';
import { decodeCertRep } from '../../src/scep/message/cert-rep.decoder';
import { decodePkiMessage } from '../../src/scep/message/pki-message.decoder';
import { enrolmentScene, type EnrolmentScene } from '../support/enrolment-scene';
import {
  attribute,
  type AttributeName,
  type ForgedIdentity,
  forgeIdentity,
  forgeMessage,
  type ForgedParts,
  OIDS,
  printable,
  tlv,
} from '../support/forged-message';
import {
  challengeOf,
  extensionsWith,
  forgeRequest,
  nameOf,
  REQUEST_OIDS,
  STRING_TYPES,
} from '../support/forged-request';
import { toIndefinite } from '../support/indefinite-length';
import { issued } from '../support/renewal';

/** What stands in the messages of clients that do not write them as we would. */
let scene: EnrolmentScene;
let signer: ForgedIdentity;
let key: PrivateKey;
let users = 0;

beforeAll(async () => {
  scene = await enrolmentScene();
  await scene.createAlias('asked', { subjectSource: 'request' });
  signer = await forgeIdentity('CN=SCEP SIGNER');
  key = new PrivateKey(signer.key);
});

afterAll(() => scene.close());

async function user(username = `device-${(users += 1)}`): Promise<string> {
  await scene.register(username, 'secret');
  return username;
}

/** A message for a fresh end entity under a signer whose certificate has no extension and another subject. */
async function forged(parts: Partial<ForgedParts> = {}): Promise<Buffer> {
  const { bytes } = await scene.message(`CN=${await user()}`, 'secret', { key });
  return forgeMessage({ signer, content: decodePkiMessage(bytes).envelope!, ...parts });
}

/** The attributes with some of them replaced, or left out where they are undefined. */
const withAttributes = (changes: {
  readonly [name in AttributeName]?: Buffer | undefined;
}): ForgedParts['attributes'] => {
  return (all) => Object.values<Buffer | undefined>({ ...all, ...changes }).filter((one) => one !== undefined);
};

const answer = async (bytes: Buffer, alias?: string) => decodeCertRep((await scene.post(bytes, alias)).body);
const statusOf = async (bytes: Buffer) => (await answer(bytes)).outcome.pkiStatus;

describe('the message', () => {
  it('G-04, G-05, N-07: may be signed with a bare certificate for the key, whatever its subject', async () => {
    expect(signer.certificate.extensions).toEqual([]);
    expect(await statusOf(await forged())).toBe('SUCCESS');
  });

  it('I-16: may be BER of indefinite length, in every layer that is not encrypted', async () => {
    expect(await statusOf(toIndefinite(await forged()))).toBe('SUCCESS');
  });

  it.each([0, 8, 16, 20])('E-14, I-22: may have a senderNonce of %d octets', async (octets) => {
    const nonce = Buffer.alloc(octets, 0x5a);
    const senderNonce = attribute(OIDS.senderNonce, tlv(4, nonce));
    const reply = await answer(await forged({ attributes: withAttributes({ senderNonce }) }));
    expect(reply.outcome.pkiStatus).toBe('SUCCESS');
    expect(reply.recipientNonce).toEqual(nonce);
    expect(reply.senderNonce).toHaveLength(octets === 0 ? 16 : octets);
  });

  it('I-21, N-19: may have no senderNonce, and is answered with one all the same', async () => {
    const reply = await answer(await forged({ attributes: withAttributes({ senderNonce: undefined }) }));
    expect([reply.outcome.pkiStatus, reply.senderNonce?.length, reply.recipientNonce]).toEqual([
      'SUCCESS',
      16,
      undefined,
    ]);
  });

  it('I-21, I-23: may come again with the nonce and the transactionID it had, and each answer has a nonce of its own', async () => {
    const again = await forged();
    const replies = [await answer(again), await answer(again), await answer(await forged())];
    expect(replies.map(({ outcome }) => outcome.pkiStatus)).toEqual(['SUCCESS', 'SUCCESS', 'SUCCESS']);
    expect(new Set(replies.map(({ senderNonce }) => senderNonce?.toString('hex'))).size).toBe(3);
    expect(new Set(replies.map(({ recipientNonce }) => recipientNonce?.toString('hex'))).size).toBe(1);
  });

  it('F-05, I-24: may be signed at any time by its own clock: routers have none', async () => {
    const signingTime = attribute(OIDS.signingTime, tlv(0x17, Buffer.from('930301000000Z')));
    const attributes: ForgedParts['attributes'] = (all) => [...Object.values(all), signingTime];
    expect(await statusOf(await forged({ attributes }))).toBe('SUCCESS');
  });

  it('E-07: holds what its type says: no query holds a PKCS #10, no PKCSReq what a query asks for', async () => {
    const { bytes } = await scene.message(`CN=${await user()}`, 'secret', { key });
    const messageType = attribute(OIDS.messageType, printable('22'));
    const content = decodePkiMessage(bytes).envelope!;
    const asQuery = forgeMessage({ signer, content, attributes: withAttributes({ messageType }) });
    expect((await answer(asQuery)).outcome).toMatchObject({ pkiStatus: 'FAILURE', failInfo: 'badCertId' });
    const { issuer, serialNumber } = signer.certificate;
    const request = { der: tlv(0x30, issuer.raw, tlv(2, serialNumber)) } as CertificationRequest;
    const query = await scene.message('CN=whoever', 'secret', { key, request });
    expect((await answer(query.bytes)).outcome).toMatchObject({ pkiStatus: 'FAILURE', failInfo: 'badMessageCheck' });
  });

  it('L-03: below what the alias accepts is refused, and the log says what it used', async () => {
    const { bytes } = await scene.message(`CN=${await user()}`, 'secret', { key, digest: 'sha1', cipher: '3des' });
    expect((await answer(bytes)).outcome).toMatchObject({ failInfo: 'badAlg' });
    const [entry] = await scene.log();
    expect(entry).toMatchObject({ rule: 'algorithms.accept.digests', decoded: { digest: 'sha1' } });
  });
});

describe('I-18: the answer is signed by a certificate that GetCACert shows, and brings it along', () => {
  it.each(['none', 'single', 'pair'] as const)('RA certificate: %s', async (raCertificate) => {
    const name = `ra-${raCertificate}`;
    await scene.createAuthority({ name, subject: `CN=${name} CA`, settings: { raCertificate } });
    await scene.createAlias(name, { authorities: [name] });
    await scene.register(name, 'secret', { authority: name });
    const shown = (await scene.ca(name)).certificates.map(({ der }) => der.toString('hex'));
    for (const password of ['wrong', 'secret']) {
      const { bytes } = await scene.message(`CN=${name}`, password, {}, name);
      const reply = await answer(bytes, name);
      expect([reply.outcome.pkiStatus, reply.defects]).toEqual([password === 'wrong' ? 'FAILURE' : 'SUCCESS', []]);
      expect(shown).toContain(reply.signer.der.toString('hex'));
    }
  });
});

describe('the request', () => {
  const subjectOf = (value: Buffer) => nameOf([REQUEST_OIDS.commonName, value]);
  const enrol = (username: string, subject: Buffer, attributes: readonly Buffer[]) =>
    scene.enrol(`CN=${username}`, '', { key, request: forgeRequest(signer.key, subject, attributes) }, 'asked');

  it.each(Object.keys(STRING_TYPES))('I-32: names the user and its challengePassword in %s', async (type) => {
    const encode = STRING_TYPES[type]!;
    const username = await user();
    const reply = await enrol(username, subjectOf(encode(username)), [challengeOf(encode('secret'))]);
    const { certificate } = issued(reply);
    expect(new X509Certificate(certificate.der).subject).toBe(`CN=${username}`);
  });

  it.each(['UTF8String', 'T61String', 'BMPString', 'UniversalString'])(
    'I-32: says the same with umlauts in %s',
    async (type) => {
      const encode = STRING_TYPES[type]!;
      const username = `jürgen-${type}`;
      await scene.register(username, 'größer');
      const reply = await enrol(username, subjectOf(encode(username)), [challengeOf(encode('größer'))]);
      expect(issued(reply).certificate.subject.toString()).toBe(`CN=${username}`);
    },
  );

  it.each([
    ['PKCS #9', REQUEST_OIDS.extensionRequest],
    ['Microsoft', REQUEST_OIDS.microsoftCertificateExtensions],
    ['VeriSign', REQUEST_OIDS.verisignExtensionRequest],
  ])('I-31: asks for extensions in the attribute of %s, beside attributes that we do not know', async (_, type) => {
    const username = await user();
    const names = tlv(0x30, tlv(0x82, Buffer.from('r1.example.com')));
    const { certificate } = issued(
      await enrol(username, subjectOf(printable(username)), [
        attribute(REQUEST_OIDS.osVersion, STRING_TYPES.IA5String!('10.0.19045.2')),
        attribute(type, extensionsWith(REQUEST_OIDS.subjectAltName, names)),
        challengeOf(printable('secret')),
      ]),
    );
    expect(readGeneralNames(certificate.extension(Oid.subjectAltName)!)).toEqual([
      { type: 'dns', value: 'r1.example.com' },
    ]);
  });

  it('G-02: without a challengePassword, or with no subject at all, is badRequest', async () => {
    const username = await user();
    const replies = [
      await enrol(username, subjectOf(printable(username)), []),
      await enrol(username, nameOf(), [challengeOf(printable('secret'))]),
    ];
    for (const reply of replies) expect(reply).toMatchObject({ pkiStatus: 'FAILURE', failInfo: 'badRequest' });
  });

  it('G-07, G-14, L-01: with the enrolment code of another end entity is refused', async () => {
    await scene.register('alice', 'code of alice');
    await scene.register('bob', 'code of bob');
    expect(await scene.enrol('CN=bob', 'code of alice')).toMatchObject({
      pkiStatus: 'FAILURE',
      failInfo: 'badRequest',
    });
  });

  it('N-05: for a key that is certified already, under another transactionID, is a request of its own', async () => {
    const subject = `CN=${await user()}`;
    const own = { key: PrivateKey.generateRsa(2048) };
    issued(await scene.enrol(subject, 'secret', { ...own, transactionID: 'one' }));
    expect(await scene.enrol(subject, 'secret', { ...own, transactionID: 'two' })).toMatchObject({
      pkiStatus: 'FAILURE',
      failInfo: 'badRequest',
    });
  });
});
