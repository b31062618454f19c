import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { DataSource } from 'typeorm';
import { AuthorityCatalogue } from '../../src/authorities/authority-catalogue';
import { ConfigurationVersion } from '../../src/database/configuration-version';
import { CrlJob } from '../../src/jobs/crl.job';
import { KeyStore } from '../../src/keys/key-store';
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
  const keyStore = gateway.application.get(KeyStore, { strict: false });
  const key = keyStore.import(recipientKey(vector).toPkcs8());
  await keyStore.save(key, dataSource.manager);
  await dataSource.query(
    `with a as (insert into authorities (name, settings) values ('Recorded', '{"raCertificate": "none"}') returning id),
       g as (insert into authority_generations (authority_id, number, state, key_id, certificate)
         select id, 1, 'current', $1, $2 from a),
       s as (insert into aliases (name, settings) values ('scep', $3) returning id)
     insert into alias_authorities select s.id, 0, a.id from s, a`,
    [
      key.id,
      vector.recipient.certificate,
      JSON.stringify({ algorithms: { accept: { digests: [vector.digest], ciphers: [vector.cipher] } } }),
    ],
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
  const { hostname, port } = new URL(gateway.publicUrl);
  const socket = connect(Number(port), hostname);
  const headers = [`${vector.method} ${vector.target ?? '/scep?operation=PKIOperation'} HTTP/${vector.httpVersion}`];
  if (vector.httpVersion === '1.1') headers.push(`Host: ${hostname}`, 'Connection: close');
  if (vector.contentType !== undefined) headers.push(`Content-Type: ${vector.contentType}`);
  if (vector.method === 'POST') headers.push(`Content-Length: ${vector.bytes.length}`);
  socket.write(`${headers.join('\r\n')}\r\n\r\n`);
  if (vector.method === 'POST') socket.write(vector.bytes);
  const answer = await buffer(socket);
  const end = answer.indexOf('\r\n\r\n');
  expect(answer.subarray(0, end).toString()).toMatch(/^HTTP\/1\.1 200 /);
  return answer.subarray(end + 4);
}

const recipientKey = (vector: MessageVector): PrivateKey =>
  PrivateKey.fromPem(readFileSync(vector.recipient.keyFile, 'utf8'));
