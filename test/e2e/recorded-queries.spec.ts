import { readFileSync } from 'node:fs';
import { DataSource } from 'typeorm';
import { AuthorityCatalogue } from '../../src/authorities/authority-catalogue';
import { ConfigurationVersion } from '../../src/database/configuration-version';
import { CrlJob } from '../../src/jobs/crl.job';
import { readCertificateIdentifier } from '../../src/pki/cms/certificate-identifier';
import { readDerOrBer } from '../../src/pki/cms/content-info';
import { PrivateKey } from '../../src/pki/cms/private-key';
import { DerReader } from '../../src/pki/der/der-reader';
import { Certificate } from '../../src/pki/x509/certificate';
import { decodeCertRep } from '../../src/scep/message/cert-rep.decoder';
import { openEnvelope } from '../../src/scep/message/pkcs-pki-envelope.opener';
import { decodePkiMessage } from '../../src/scep/message/pki-message.decoder';
import { readCrl } from '../support/crl';
import { FixedClock } from '../support/fixed-clock';
import { importRecipient, sendVector } from '../support/recorded-gateway';
import { startGateway, type TestGateway } from '../support/start-gateway';
import { loadVectors, type MessageVector } from '../support/vectors';

/*
 * The clients' keys were thrown away, so that the envelopes of answers cannot be opened here: what is in them is told by
 * certificate-queries.spec.ts, and by their lengths.
 */
const queries = loadVectors().filter(({ messageType }) => messageType === 'GetCert' || messageType === 'GetCRL');

it('has recordings of both queries by two clients', () => {
  const kinds = new Set(queries.map(({ name, messageType }) => `${name.split('/')[0]!} ${messageType}`));
  expect([...kinds].sort()).toEqual(['jscep GetCRL', 'jscep GetCert', 'sscep GetCRL', 'sscep GetCert']);
});

describe.each(queries.map((vector) => [vector.name, vector] as const))('%s', (_, vector) => {
  let gateway: TestGateway;

  beforeAll(async () => {
    gateway = await startGateway({ clock: new FixedClock(vector.now) });
    await prepare(gateway, vector);
  });

  afterAll(() => gateway.close());

  it('J-02, J-03, J-07: is answered with what it asks for once that is there', async () => {
    const before = decodeCertRep(await send(gateway, vector));
    expect(before.outcome).toMatchObject({ pkiStatus: 'FAILURE', failInfo: 'badCertId' });
    const size = await provide(gateway, vector);
    const reply = decodeCertRep(await send(gateway, vector));
    expect(reply).toMatchObject({
      outcome: { pkiStatus: 'SUCCESS' },
      transactionID: vector.transactionID,
      recipientNonce: vector.senderNonce,
      digest: vector.digest,
      defects: [],
    });
    expect(reply.signer.der).toEqual(vector.recipient.certificate);
    expect(reply.envelope!.length).toBeGreaterThan(size);
    const again = decodeCertRep(await send(gateway, vector));
    expect(again.outcome).toEqual({ pkiStatus: 'SUCCESS' });
  });
});

async function prepare(gateway: TestGateway, vector: MessageVector): Promise<void> {
  const dataSource = gateway.application.get(DataSource);
  const authorityId = await importRecipient(gateway, vector.recipient, 'Recorded');
  await dataSource.query(
    `with s as (insert into aliases (name, settings) values ('scep', $1) returning id)
     insert into alias_authorities select s.id, 0, $2 from s`,
    [JSON.stringify({ algorithms: { accept: { digests: [vector.digest], ciphers: [vector.cipher] } } }), authorityId],
  );
  await gateway.application.get(ConfigurationVersion).refresh();
}

/** Makes what the vector asks for; returns its size. */
async function provide(gateway: TestGateway, vector: MessageVector): Promise<number> {
  const dataSource = gateway.application.get(DataSource);
  if (vector.messageType === 'GetCRL') {
    await gateway.application.get(CrlJob, { strict: false }).run();
    const [row] = await dataSource.query<{ crl: Buffer }[]>('select crl from crls');
    expect(readCrl(row!.crl)).toMatchObject({ number: 1n, thisUpdate: vector.now });
    return row!.crl.length;
  }
  // Whose content is that of the CA certificate: it is looked up by the number in the query.
  const authority = await gateway.application.get(AuthorityCatalogue, { strict: false }).byName('Recorded');
  await dataSource.query(
    `insert into certificates (serial_number, authority_id, generation_id, username, certificate_profile, subject,
       certificate, public_key_hash, fingerprint, not_before, not_after, issued_at)
     values ($1, $2, $3, 'recorded', 'P', 'CN=recorded', $4, '', '', $5, $5, $5)`,
    [
      await askedSerial(vector),
      authority!.id,
      authority!.generations.current.id,
      vector.recipient.certificate,
      vector.now,
    ],
  );
  return vector.recipient.certificate.length;
}

async function askedSerial(vector: MessageVector): Promise<Buffer> {
  const recipient = { certificate: Certificate.read(vector.recipient.certificate), key: recipientKey(vector) };
  const { content } = await openEnvelope(decodePkiMessage(vector.bytes).envelope!, [recipient]);
  const asked = readDerOrBer(content, (der) => readCertificateIdentifier(new DerReader(der), 'query'));
  if (asked.type !== 'issuerAndSerial') throw new Error('no IssuerAndSerialNumber');
  return Buffer.from(asked.serialNumber.toString('hex').replace(/^(00)+(?=..)/, ''), 'hex');
}

async function send(gateway: TestGateway, vector: MessageVector): Promise<Buffer> {
  const { status, body } = await sendVector(gateway, vector);
  expect(status).toBe(200);
  return body;
}

const recipientKey = (vector: MessageVector): PrivateKey =>
  PrivateKey.fromPem(readFileSync(vector.recipient.keyFile, 'utf8'));
