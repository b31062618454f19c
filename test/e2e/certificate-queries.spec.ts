import { readCertsOnly } from '../../src/pki/cms/degenerate';
import { issuerAndSerialOf } from '../../src/pki/cms/certificate-identifier';
import { PKCS1_KEY_TRANSPORT } from '../../src/pki/cms/key-transport';
import { PrivateKey } from '../../src/pki/cms/private-key';
import { sequence, unsignedInteger } from '../../src/pki/der/der-writer';
import type { Certificate } from '../../src/pki/x509/certificate';
import { DistinguishedName } from '../../src/pki/x509/distinguished-name';
import { SystemRandomSource } from '../../src/common/random-source';
import { ConfigurationVersion } from '../../src/database/configuration-version';
import { decodeCertRep } from '../../src/scep/message/cert-rep.decoder';
import { encodePkiMessage } from '../../src/scep/message/pki-message.encoder';
import { openEnvelope } from '../../src/scep/message/pkcs-pki-envelope.opener';
import { CrlJob } from '../../src/jobs/crl.job';
import { readCrl } from '../support/crl';
import { enrolmentScene, type EnrolmentScene } from '../support/enrolment-scene';
import { forgeIdentity, type ForgedIdentity, tlv } from '../support/forged-message';
import { RestClient } from '../support/rest-client';

const random = new SystemRandomSource();
let scene: EnrolmentScene;
let anyone: ForgedIdentity;
let issued: Certificate;

beforeAll(async () => {
  scene = await enrolmentScene();
  anyone = await forgeIdentity('CN=anyone');
  await scene.createAuthority({ name: 'Others', subject: 'CN=Others' });
  await scene.createAlias('others', { authorities: ['Others'] });
  await scene.createAlias('both', { authorities: ['Others', 'Devices'], includeCaCertificate: 'chain' });
  await scene.register('router', 'code');
  const reply = await scene.enrol('CN=router', 'code');
  if (reply.pkiStatus !== 'SUCCESS') throw new Error(reply.pkiStatus);
  issued = reply.certificate;
});

afterAll(() => scene.close());

/** What a query for this content is answered, the envelope opened. */
async function ask(messageType: 'GetCert' | 'GetCRL', content: Buffer, { alias = 'scep' } = {}) {
  const key = new PrivateKey(anyone.key);
  const message = await encodePkiMessage(
    {
      messageType,
      transactionID: 'SSCEP transactionId',
      senderNonce: random.bytes(16),
      signingTime: scene.clock.now(),
      content,
      recipient: (await scene.ca(alias)).recipient,
      signer: { certificate: anyone.certificate, key },
      digest: 'sha256',
      cipher: 'aes128',
      keyTransport: PKCS1_KEY_TRANSPORT,
    },
    random,
  );
  const { status, body } = await scene.post(message, alias);
  expect(status).toBe(200);
  const reply = decodeCertRep(body);
  expect(reply).toMatchObject({ transactionID: 'SSCEP transactionId', defects: [] });
  if (reply.envelope === undefined) return { ...reply.outcome, certificates: [], crls: [] };
  const opened = await openEnvelope(reply.envelope, [{ certificate: anyone.certificate, key }]);
  return { ...reply.outcome, ...readCertsOnly(opened.content) };
}

const issuerAndSerial = (issuer: string, serial: Buffer): Buffer =>
  sequence(DistinguishedName.parse(issuer).raw, unsignedInteger(serial));
const caCertificate = async (alias = 'scep'): Promise<Certificate> => (await scene.ca(alias)).recipient;

describe('GetCert', () => {
  it('J-01, J-02, J-06: gives the certificate and nothing else to any signer, whatever the alias adds to others', async () => {
    for (const alias of ['scep', 'both'])
      expect(await ask('GetCert', issuerAndSerialOf(issued), { alias })).toEqual({
        pkiStatus: 'SUCCESS',
        certificates: [issued.der],
        crls: [],
      });
  });

  it('finds it under a constant transactionID again and again, and writes each down', async () => {
    const before = (await scene.log()).length;
    await ask('GetCert', issuerAndSerialOf(issued));
    await ask('GetCert', issuerAndSerialOf(issued));
    const log = await scene.log();
    expect(log).toHaveLength(before + 2);
    expect(log[0]).toMatchObject({
      messageType: 'GetCert',
      outcome: 'answered',
      transactionID: 'SSCEP transactionId',
      username: 'router',
      authority: 'Devices',
    });
  });

  it('finds it however the issuer is encoded and the serial number padded', async () => {
    const issuer = DistinguishedName.parse('CN=devices,O=EXAMPLE').raw;
    const padded = tlv(2, Buffer.of(0, 0), issued.serialNumber);
    expect(await ask('GetCert', sequence(issuer, padded))).toMatchObject({ certificates: [issued.der] });
  });

  it.each<[string, () => Buffer | Promise<Buffer>]>([
    ['another serial number', () => issuerAndSerial('CN=Devices,O=Example', Buffer.of(1))],
    ['another issuer', () => issuerAndSerial('CN=Nobody', Buffer.of(1))],
    ['the CA itself, which it has not issued', async () => issuerAndSerialOf(await caCertificate())],
  ])('J-07: has no answer but badCertId to %s', async (_, content) => {
    expect(await ask('GetCert', await content())).toMatchObject({ pkiStatus: 'FAILURE', failInfo: 'badCertId' });
  });

  it('J-07: gives nothing of an authority that the alias does not reach', async () => {
    const answer = await ask('GetCert', issuerAndSerialOf(issued), { alias: 'others' });
    expect(answer).toMatchObject({ pkiStatus: 'FAILURE', failInfo: 'badCertId' });
    const [record] = await scene.log();
    expect(record).toMatchObject({ outcome: 'refused', errorCode: 'certificate-unknown', rule: 'query.issuer' });
  });
});

describe('GetCRL', () => {
  it('J-07: has no answer before there is a CRL', async () => {
    await scene.createAuthority({ name: 'New', subject: 'CN=New' });
    await scene.createAlias('new', { authorities: ['New'] });
    const content = issuerAndSerialOf(await caCertificate('new'));
    expect(await ask('GetCRL', content, { alias: 'new' })).toMatchObject({ failInfo: 'badCertId' });
  });

  it('J-03, J-04: gives the newest CRL alone, in the field for CRLs', async () => {
    await scene.gateway.application.get(CrlJob, { strict: false }).run();
    const content = issuerAndSerialOf(issued);
    const first = await ask('GetCRL', content);
    expect(first).toMatchObject({ pkiStatus: 'SUCCESS', certificates: [], crls: [expect.any(Buffer)] });
    expect(readCrl(first.crls[0]!).entries).toEqual({});
    const rest = new RestClient(scene.gateway);
    await rest.post(`certificates/Devices/${issued.serialHex}/revoke`, { reason: 'superseded' });
    const second = await ask('GetCRL', content, { alias: 'both' });
    expect(readCrl(second.crls[0]!).entries).toEqual({ [issued.serialHex]: 4 });
    expect((await scene.log())[0]).toMatchObject({ messageType: 'GetCRL', outcome: 'answered' });
  });

  it('takes the certificate of the CA for the one that is meant, as in old drafts', async () => {
    await scene.createAuthority({ name: 'Below', subject: 'CN=Below', issuer: { authority: 'Others' } });
    await scene.createAlias('below', { authorities: ['Below'] });
    await scene.gateway.application.get(CrlJob, { strict: false }).run();
    const below = await caCertificate('below');
    expect(below.subject.toString()).toBe('CN=Below');
    const { crls } = await ask('GetCRL', issuerAndSerialOf(below), { alias: 'below' });
    expect(crls[0]!.includes(below.subject.raw)).toBe(true);
    const foreign = issuerAndSerial('CN=Others', Buffer.of(7));
    expect(await ask('GetCRL', foreign, { alias: 'below' })).toMatchObject({ failInfo: 'badCertId' });
  });

  it('J-04: gives the CRL of the generation that issued the certificate, and of the current one for any other', async () => {
    await scene.createAuthority({ name: 'Rolled', subject: 'CN=Rolled' });
    await scene.createAuthority({ name: 'Rolled on', subject: 'CN=Rolled' });
    await scene.createAlias('before', { authorities: ['Rolled'] });
    await scene.createAlias('after', { authorities: ['Rolled'] });
    await scene.register('of-the-first', 'code', { authority: 'Rolled' });
    const reply = await scene.enrol('CN=of-the-first', 'code', {}, 'before');
    if (reply.pkiStatus !== 'SUCCESS') throw new Error(reply.pkiStatus);
    const dataSource = await scene.gateway.database.dataSource();
    const idOf = (name: string): string => `(select id from authorities where name = '${name}')`;
    await dataSource.query(
      `update authority_generations set state = 'previous' where authority_id = ${idOf('Rolled')}`,
    );
    await dataSource.query(`update authority_generations set number = 2, authority_id = ${idOf('Rolled')}
      where authority_id = ${idOf('Rolled on')}`);
    await scene.gateway.application.get(ConfigurationVersion).refresh();
    const rest = new RestClient(scene.gateway);
    await rest.post('authorities/Rolled/crl');
    await rest.post(`certificates/Rolled/${reply.certificate.serialHex}/revoke`, { reason: 'superseded' });
    const [first] = (await ask('GetCRL', issuerAndSerialOf(reply.certificate), { alias: 'after' })).crls;
    expect(readCrl(first!).entries).toEqual({ [reply.certificate.serialHex]: 4 });
    const [second] = (await ask('GetCRL', issuerAndSerial('CN=Rolled', Buffer.of(1)), { alias: 'after' })).crls;
    expect(readCrl(second!).entries).toEqual({});
  });

  it('L-05: is refused where the CRL is too large to be encrypted for anyone who asks', async () => {
    const dataSource = await scene.gateway.database.dataSource();
    await dataSource.query(
      `insert into crls select generation_id, number + 10, revision, this_update, next_update, entries,
         decode(repeat('00', 1100000), 'hex') from crls`,
    );
    await scene.gateway.application.get(ConfigurationVersion).refresh();
    expect(await ask('GetCRL', issuerAndSerialOf(issued))).toMatchObject({ failInfo: 'badCertId' });
    expect((await scene.log())[0]).toMatchObject({ rule: 'query.crl-size' });
    expect((await fetch(`${scene.gateway.publicUrl}/crl/Devices.crl`)).headers.get('content-length')).toBe('1100000');
  });
});

describe('whatever a query is not answered with looks the same (see decryption-oracle.spec.ts)', () => {
  it.each<['GetCert' | 'GetCRL']>([['GetCert'], ['GetCRL']])('%s', async (messageType) => {
    const contents = [
      issuerAndSerial('CN=Devices,O=Example', Buffer.alloc(40, 1)),
      issuerAndSerial('CN=Nobody', Buffer.of(1)),
      sequence(issuerAndSerialOf(issued)),
      Buffer.concat([issuerAndSerialOf(issued), Buffer.of(0)]),
      tlv(0x30, issued.issuer.raw, issued.serialNumber),
      Buffer.from('no structure'),
      Buffer.alloc(0),
    ];
    const answers = [];
    const began = performance.now();
    for (const content of contents) answers.push(await ask(messageType, content));
    expect(performance.now() - began).toBeGreaterThan(contents.length * 49);
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect(answers[0]).toMatchObject({ pkiStatus: 'FAILURE', failInfo: 'badCertId' });
  });
});
