import { readFileSync } from 'node:fs';
import { DataSource } from 'typeorm';
import { ConfigurationVersion } from '../../src/database/configuration-version';
import { KeyStore } from '../../src/keys/key-store';
import { PrivateKey } from '../../src/pki/cms/private-key';
import { readDerOrBer } from '../../src/pki/cms/content-info';
import { DerReader } from '../../src/pki/der/der-reader';
import { Tag } from '../../src/pki/der/tag';
import { Certificate } from '../../src/pki/x509/certificate';
import { DistinguishedName } from '../../src/pki/x509/distinguished-name';
import { decodeCertRep } from '../../src/scep/message/cert-rep.decoder';
import { issuerAndSubject } from '../../src/scep/message/issuer-and-subject';
import { openEnvelope } from '../../src/scep/message/pkcs-pki-envelope.opener';
import { decodePkiMessage } from '../../src/scep/message/pki-message.decoder';
import { FixedClock } from '../support/fixed-clock';
import { startGateway, type TestGateway } from '../support/start-gateway';
import { loadVectors, type MessageVector } from '../support/vectors';

/*
 * The clients' keys were thrown away: the request that each of them polls for is put into the database with the hash of
 * the key that signs the poll, and the certificate that it gets is anybody's.
 */
const polls = loadVectors().filter(({ messageType }) => messageType === 'CertPoll');

const recipientKey = (vector: MessageVector): PrivateKey =>
  PrivateKey.fromPem(readFileSync(vector.recipient.keyFile, 'utf8'));

it('has recordings of three clients', () => {
  expect(new Set(polls.map(({ name }) => name.split('/')[0]))).toEqual(new Set(['jscep', 'sscep', 'strongswan']));
});

it('RFC 8894 section 3.3.3: what our client puts into a poll is what these clients put there', async () => {
  for (const vector of polls) {
    const certificate = Certificate.read(vector.recipient.certificate);
    const message = decodePkiMessage(vector.bytes);
    const { content } = await openEnvelope(message.envelope!, [{ certificate, key: recipientKey(vector) }]);
    const [issuer, subject] = readDerOrBer(content, (der) => {
      const names = new DerReader(der).enter(Tag.SEQUENCE, 'IssuerAndSubject');
      return [DistinguishedName.read(names.next('issuer')), DistinguishedName.read(names.next('subject'))];
    });
    expect([vector.name, issuer.equals(certificate.subject)]).toEqual([vector.name, true]);
    expect(subject.equals(message.signer.subject)).toBe(true);
    expect(issuerAndSubject(issuer, subject)).toEqual(content);
  }
});

describe.each(polls.map((vector) => [vector.name, vector] as const))('%s', (_, vector) => {
  let gateway: TestGateway;
  let dataSource: DataSource;

  beforeAll(async () => {
    gateway = await startGateway({ clock: new FixedClock(vector.now) });
    dataSource = gateway.application.get(DataSource);
    await prepare(gateway, vector);
  });

  afterAll(() => gateway.close());

  const ask = async () => {
    const response =
      vector.method === 'GET'
        ? await fetch(`${gateway.publicUrl}${vector.target!}`)
        : await fetch(`${gateway.publicUrl}/scep?operation=PKIOperation`, {
            method: 'POST',
            body: new Uint8Array(vector.bytes),
          });
    const reply = decodeCertRep(Buffer.from(await response.arrayBuffer()));
    expect(reply).toMatchObject({
      transactionID: vector.transactionID,
      recipientNonce: vector.senderNonce,
      digest: vector.digest,
      defects: [],
    });
    expect(reply.signer.der).toEqual(vector.recipient.certificate);
    return reply;
  };

  it('P-02, P-04, P-07: badCertId, PENDING, SUCCESS twice, badRequest once it is rejected', async () => {
    expect((await ask()).outcome).toMatchObject({ pkiStatus: 'FAILURE', failInfo: 'badCertId' });
    await enterRequest(dataSource, vector);
    expect((await ask()).outcome).toEqual({ pkiStatus: 'PENDING' });
    await enterCertificate(dataSource, vector);
    for (let times = 0; times < 2; times++) {
      const reply = await ask();
      expect(reply.outcome).toEqual({ pkiStatus: 'SUCCESS' });
      expect(reply.envelope!.length).toBeGreaterThan(vector.recipient.certificate.length);
    }
    await dataSource.query(`update scep_transactions set state = 'pending', serial_number = null`);
    await dataSource.query(`update approvals set state = 'rejected', decided_at = created_at`);
    expect((await ask()).outcome).toMatchObject({ pkiStatus: 'FAILURE', failInfo: 'badRequest' });
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
       s as (insert into aliases (name, settings) values ('scep', $3) returning id),
       c as (insert into certificate_profiles (name) values ('P') returning id),
       p as (insert into end_entity_profiles (name) values ('P') returning id),
       e as (insert into end_entities (username, status, subject, authority_id, certificate_profile_id,
         end_entity_profile_id) select 'recorded', 30, 'CN=recorded', a.id, c.id, p.id from a, c, p)
     insert into alias_authorities select s.id, 0, a.id from s, a`,
    [
      key.id,
      vector.recipient.certificate,
      JSON.stringify({
        approval: { enrolment: true },
        algorithms: { accept: { digests: [vector.digest], ciphers: [vector.cipher] } },
      }),
    ],
  );
  await gateway.application.get(ConfigurationVersion).refresh();
}

async function enterRequest(dataSource: DataSource, vector: MessageVector): Promise<void> {
  const { signer } = decodePkiMessage(vector.bytes);
  await dataSource.query(
    `with a as (insert into approvals (id, state, alias_id, alias, authority_id, authority, generation_id, end_entity_id,
         end_entity_epoch, username, reserved, message_type, transaction_id, transactions, source, content_hash,
         message_hash, signer_key_hash, certification_request, fingerprints, subject, tell_device, created_at, expires_at)
       select gen_random_uuid(), 'waiting', s.id, 'scep', c.id, 'Recorded', 1, e.id, 0, 'recorded', true, 19, $1, 1, '', '',
         '', $2, '', '{}', '', false, $3::timestamptz, $3::timestamptz + interval '7 days'
       from aliases s, authorities c, end_entities e returning *)
     insert into scep_transactions (ledger_key, alias_id, transaction_id, public_key_hash, message_type, state,
       end_entity_id, end_entity_epoch, authority_id, approval_id, created_at, updated_at)
     select '', alias_id, $1, $2, 19, 'pending', end_entity_id, 0, authority_id, id, $3, $3 from a`,
    [vector.transactionID, signer.publicKey.hash, vector.now],
  );
}

async function enterCertificate(dataSource: DataSource, vector: MessageVector): Promise<void> {
  await dataSource.query(
    `with c as (insert into certificates (serial_number, authority_id, generation_id, end_entity_id, username,
         certificate_profile, subject, certificate, public_key_hash, fingerprint, not_before, not_after, issued_at)
       select '\\x42', e.authority_id, g.id, e.id, e.username, 'P', 'CN=recorded', $1, '', '', $2::timestamptz,
         $2::timestamptz + interval '1 year', $2 from end_entities e, authority_generations g)
     update scep_transactions set state = 'issued', serial_number = '\\x42'`,
    [vector.recipient.certificate, vector.now],
  );
}
