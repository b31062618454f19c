import { createVerify, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fromBER, OctetString, type PrintableString } from 'asn1js';
import {
  ContentInfo,
  EnvelopedData,
  IssuerAndSerialNumber,
  KeyTransRecipientInfo,
  PasswordRecipientinfo,
  SignedData,
} from 'pkijs';
import { DataSource } from 'typeorm';
import { ConfigurationVersion } from '../../src/database/configuration-version';
import { EndEntityStatus } from '../../src/end-entities/end-entity-status';
import { requestedUsername } from '../../src/enrolment/requested-username';
import { Verifier } from '../../src/keys/verifier';
import { PrivateKey } from '../../src/pki/cms/private-key';
import { Certificate } from '../../src/pki/x509/certificate';
import { CertificationRequest } from '../../src/pki/x509/certification-request';
import { openEnvelope } from '../../src/scep/message/pkcs-pki-envelope.opener';
import { decodePkiMessage } from '../../src/scep/message/pki-message.decoder';
import { FixedClock } from '../support/fixed-clock';
import { importRecipient, sendVector } from '../support/recorded-gateway';
import { startGateway, type TestGateway } from '../support/start-gateway';
import { loadVector, loadVectors, type MessageVector } from '../support/vectors';

const enrolments = loadVectors().filter(({ name }) => name.includes('enrol'));

const renewals = loadVectors().filter(({ name }) => name.includes('renew'));

it('has recordings of every client', () => {
  expect(new Set(enrolments.map(({ name }) => name.split('/')[0]))).toEqual(
    new Set(['certmonger', 'cryptlib', 'jscep', 'micromdm', 'sscep', 'strongswan']),
  );
  expect(new Set(renewals.map(({ name }) => name.split('/')[0]))).toEqual(
    new Set(['certmonger', 'jscep', 'micromdm', 'sscep', 'strongswan']),
  );
});

describe.each(enrolments.map((vector) => [vector.name, vector] as const))('%s', (_, vector) => {
  let gateway: TestGateway;

  beforeAll(async () => {
    gateway = await startGateway({ clock: new FixedClock(vector.now) });
    await prepare(gateway, vector);
  });

  afterAll(() => gateway.close());

  it('gets its certificate, and the same one again', async () => {
    const request = await requestIn(vector);
    const reply = await sendVector(gateway, vector);
    expect(reply.head).toMatch(/^HTTP\/1\.1 200 /);
    expect(reply.head).toMatch(/content-type: application\/x-pki-message\r/i);
    expect(reply.head).not.toMatch(/transfer-encoding/i);
    const certRep = readCertRep(reply.body, vector);
    expect(certRep).toMatchObject({
      messageType: '3',
      pkiStatus: '0',
      failInfo: undefined,
      transactionID: vector.transactionID,
      recipientNonce: vector.senderNonce.toString('hex'),
      digest: vector.digest,
      cipher: vector.cipher,
      ...expectedRecipient(vector),
    });
    const [row] = await issued(gateway);
    const certificate = new X509Certificate(row!.certificate);
    expect(certificate.verify(new X509Certificate(vector.recipient.certificate).publicKey)).toBe(true);
    expect(certificate.publicKey.export({ format: 'der', type: 'spki' })).toEqual(request.publicKey.spki);

    const again = readCertRep((await sendVector(gateway, vector)).body, vector);
    expect(again).toMatchObject({ pkiStatus: '0' });
    expect(again.senderNonce).not.toBe(certRep.senderNonce);
    expect(await issued(gateway)).toEqual([row]);
  });
});

describe.each(renewals.map((vector) => [vector.name, vector] as const))('%s', (_, vector) => {
  let gateway: TestGateway;

  beforeAll(async () => {
    gateway = await startGateway({ clock: new FixedClock(vector.now) });
    await prepare(gateway, vector);
    await insertRenewed(gateway, decodePkiMessage(vector.bytes).signer);
  });

  afterAll(() => gateway.close());

  it('G-12: gets its new certificate, enveloped to the old one, and the same one again', async () => {
    const request = await requestIn(vector);
    const { signer } = decodePkiMessage(vector.bytes);
    const certRep = readCertRep((await sendVector(gateway, vector)).body, vector);
    expect(certRep).toMatchObject({ messageType: '3', pkiStatus: '0', transactionID: vector.transactionID });
    expect(certRep.recipientSerial).toBe(signer.serialHex);
    const certificates = await issued(gateway);
    expect(certificates).toHaveLength(2);
    const [row] = certificates.filter(({ certificate }) => !certificate.equals(signer.der));
    const certificate = new X509Certificate(row!.certificate);
    expect(certificate.publicKey.export({ format: 'der', type: 'spki' })).toEqual(request.publicKey.spki);
    expect(readCertRep((await sendVector(gateway, vector)).body, vector)).toMatchObject({ pkiStatus: '0' });
    expect(await issued(gateway)).toHaveLength(2);
  });
});

describe('certmonger, which asks for another key identifier each time', () => {
  const first = loadVector('certmonger/0.79.17-first-get');
  const again = loadVector('certmonger/0.79.17-again-get');

  it('I-25: gets its certificate when it asks again', async () => {
    const gateway = await startGateway({ clock: new FixedClock(again.now) });
    try {
      await prepare(gateway, first);
      readCertRep((await sendVector(gateway, first)).body, first);
      const certificates = await issued(gateway);
      const answer = readCertRep((await sendVector(gateway, again)).body, again);
      expect(answer).toMatchObject({ pkiStatus: '0', transactionID: first.transactionID });
      expect(await issued(gateway)).toEqual(certificates);
      expect((await requestIn(again)).extensions).not.toEqual((await requestIn(first)).extensions);
    } finally {
      await gateway.close();
    }
  });
});

/** The certificate that signed a recorded message, as if this gateway had issued it. */
async function insertRenewed(gateway: TestGateway, signer: Certificate): Promise<void> {
  const dataSource = gateway.application.get(DataSource);
  const serialNumber = Buffer.from(signer.serialHex, 'hex');
  await dataSource.query(
    `insert into certificates (serial_number, authority_id, generation_id, end_entity_id, username, alias,
      certificate_profile, subject, certificate, public_key_hash, fingerprint, not_before, not_after, issued_at)
     select $1, e.authority_id, 1, e.id, e.username, 'scep', 'ENDUSER', $2, $3, $4, $5, $6, $7, $6 from end_entities e`,
    [
      serialNumber,
      signer.subject.toString(),
      signer.der,
      signer.publicKey.hash,
      signer.fingerprint('sha256'),
      signer.notBefore,
      signer.notAfter,
    ],
  );
  await dataSource.query('update end_entities set status = $1, latest_serial_number = $2', [
    EndEntityStatus.GENERATED,
    serialNumber,
  ]);
}

async function prepare(gateway: TestGateway, vector: MessageVector): Promise<void> {
  const dataSource = gateway.application.get(DataSource);
  const authorityId = await importRecipient(gateway, vector.recipient, 'Recorded');
  await dataSource.query(`insert into aliases (name, settings) values ('scep', $1)`, [
    JSON.stringify({
      algorithms: { accept: { digests: [vector.digest], ciphers: [vector.cipher] } },
      // The certificates were a few seconds old; micromdm's client has but one key.
      renewal: { window: '100%', allowOldKey: vector.name.startsWith('micromdm') },
    }),
  ]);
  await dataSource.query('insert into alias_authorities values ($1, 0, $2)', [1, authorityId]);
  await gateway.application.get(ConfigurationVersion).refresh();
  await dataSource.query(
    `insert into certificate_profiles (name, settings) values ('ENDUSER', '{"minimumRsaBits": 1024}')`,
  );
  await dataSource.query(`insert into end_entity_profiles (name) values ('EMPTY')`);
  const username = requestedUsername((await requestIn(vector)).subject);
  await dataSource.query(
    `insert into end_entities (username, status, subject, authority_id, certificate_profile_id, end_entity_profile_id)
     values ($1, $2, 'CN=recorded', $3, 1, 1)`,
    [username, EndEntityStatus.NEW, authorityId],
  );
  const verifier = gateway.application
    .get(Verifier, { strict: false })
    .compute('enrolment-code:1', vector.challengePassword ?? 'not sent');
  await dataSource.query('update end_entities set enrolment_code_verifier = $1', [verifier]);
}

/** The request inside a vector, which the recipient's key opens. */
async function requestIn(vector: MessageVector): Promise<CertificationRequest> {
  const key = recipientKey(vector);
  const recipient = { certificate: Certificate.read(vector.recipient.certificate), key };
  const { content } = await openEnvelope(decodePkiMessage(vector.bytes).envelope!, [recipient]);
  return CertificationRequest.read(content);
}

const issued = (gateway: TestGateway): Promise<{ certificate: Buffer }[]> =>
  gateway.application.get(DataSource).query('select certificate from certificates');

const DIGESTS: Readonly<Record<string, string>> = {
  '1.2.840.113549.2.5': 'md5',
  '1.3.14.3.2.26': 'sha1',
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.3': 'sha512',
};
const CIPHERS: Readonly<Record<string, string>> = {
  '1.3.14.3.2.7': 'des',
  '1.2.840.113549.3.7': '3des',
  '2.16.840.1.101.3.4.1.2': 'aes128',
  '2.16.840.1.101.3.4.1.42': 'aes256',
};
const RSA_ENCRYPTION = '1.2.840.113549.1.1.1';
const SCEP = '2.16.840.1.113733.1.9';

/** Reads a CertRep with PKI.js, and checks its signature with node:crypto: nothing of the gateway's own is used. */
function readCertRep(body: Buffer, vector: MessageVector) {
  const signed = new SignedData({ schema: ContentInfo.fromBER(body).content });
  const [signer] = signed.signerInfos;
  expect(signed.signerInfos).toHaveLength(1);
  expect(signer!.signatureAlgorithm.algorithmId).toBe(RSA_ENCRYPTION);
  const digest = DIGESTS[signer!.digestAlgorithm.algorithmId];
  const attributes = Buffer.from(signer!.signedAttrs!.encodedValue);
  attributes[0] = 0x31;
  const authority = new X509Certificate(vector.recipient.certificate);
  const verified = createVerify(digest!).update(attributes);
  expect(verified.verify(authority.publicKey, Buffer.from(signer!.signature.valueBlock.valueHexView))).toBe(true);

  const values = new Map(signer!.signedAttrs!.attributes.map(({ type, values: [value] }) => [type, value]));
  const text = (arc: number) => (values.get(`${SCEP}.${arc}`) as PrintableString | undefined)?.valueBlock.value;
  const hex = (arc: number) =>
    Buffer.from((values.get(`${SCEP}.${arc}`) as OctetString).valueBlock.valueHexView).toString('hex');
  const content = Buffer.from(signed.encapContentInfo.eContent!.getValue());
  const envelope = new EnvelopedData({ schema: ContentInfo.fromBER(content).content });
  expect(envelope.recipientInfos).toHaveLength(1);
  const recipient = envelope.recipientInfos[0]!.value as KeyTransRecipientInfo | PasswordRecipientinfo;
  expect((fromBER(content).result as { idBlock: { tagNumber: number } }).idBlock.tagNumber).toBe(16);
  return {
    messageType: text(2),
    pkiStatus: text(3),
    failInfo: text(4),
    senderNonce: hex(5),
    recipientNonce: hex(6),
    transactionID: text(7),
    digest,
    cipher: CIPHERS[envelope.encryptedContentInfo.contentEncryptionAlgorithm.algorithmId],
    byPassword: recipient instanceof PasswordRecipientinfo,
    recipientSerial: recipient instanceof PasswordRecipientinfo ? undefined : serialOf(recipient),
  };
}

const serialOf = ({ rid }: KeyTransRecipientInfo): string =>
  Buffer.from((rid as IssuerAndSerialNumber).serialNumber.valueBlock.valueHexView)
    .toString('hex')
    .replace(/^(00)+/, '');

/** Who can open the answer: the key that signed, or who knows the challengePassword where that is no RSA key (K-05). */
function expectedRecipient(vector: MessageVector): object {
  const { signer } = decodePkiMessage(vector.bytes);
  const byPassword = signer.publicKey.type !== 'rsa';
  return { byPassword, recipientSerial: byPassword ? undefined : signer.serialHex };
}

const recipientKey = (vector: MessageVector): PrivateKey =>
  PrivateKey.fromPem(readFileSync(vector.recipient.keyFile, 'utf8'));
