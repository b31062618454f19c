import { PrivateKey } from '../../src/pki/cms/private-key';
import type { Enrolment } from '../../src/client/enrolment-message';
import { DistinguishedName } from '../../src/pki/x509/distinguished-name';
import { subjectAltName } from '../../src/pki/x509/extension';
import { ApprovalDesk, statusOf } from '../support/approvals';
import { decodeCertRep } from '../../src/scep/message/cert-rep.decoder';
import { enrolmentScene, type EnrolmentScene } from '../support/enrolment-scene';
import { issued, renew, verdictOn } from '../support/renewal';
import { type JsonObject, type RestAnswer, RestClient } from '../support/rest-client';

const SECRET = 'known to the MDM';
const OTHER_KEY = PrivateKey.generateRsa(2048);

let scene: EnrolmentScene;
let rest: RestClient;
let devices = 0;

/** A name that no test has used. */
const newName = (): string => `phone-${(devices += 1)}`;

const raAlias = (name: string, settings: JsonObject = {}): Promise<void> =>
  scene.createAlias(name, {
    operationalMode: 'RA',
    ...settings,
    ra: { authenticationPassword: SECRET, ...(settings['ra'] as object | undefined) },
  });

const enrol = async (
  subject: string,
  { password = SECRET, alias = 'mdm', ...changes }: Partial<Enrolment> & { password?: string; alias?: string } = {},
): Promise<string> => statusOf(await scene.enrol(subject, password, changes, alias));

const endEntity = async (username: string): Promise<JsonObject> =>
  (await rest.get(`end-entities/${encodeURIComponent(username)}`)).body;

beforeAll(async () => {
  scene = await enrolmentScene({ environment: { TRUSTED_PROXIES: 'loopback' } });
  rest = new RestClient(scene.gateway);
  await raAlias('mdm');
  await raAlias('again', { ra: { existingEndEntity: 'reenrol' } });
});

afterAll(() => scene.close());

describe('an alias in RA mode', () => {
  it('registers a device along with its certificate', async () => {
    const name = newName();
    const names = [subjectAltName([{ type: 'dns', value: `${name}.example` }], false)];
    const reply = issued(await scene.enrol(`CN=${name},O=Example`, SECRET, { extensions: names }, 'mdm'));
    expect(reply.certificate.subject.toString()).toBe(`CN=${name},O=Example`);
    expect(await endEntity(name)).toMatchObject({
      username: name,
      status: 'GENERATED',
      subject: `CN=${name},O=Example`,
      subjectAltNames: [{ type: 'dns', value: `${name}.example` }],
      authority: 'Devices',
      certificateProfile: 'ENDUSER',
      endEntityProfile: 'EMPTY',
      registeredBy: 'mdm',
      remainingRequests: 0,
    });
    const [record] = await scene.log();
    expect(record).toMatchObject({ outcome: 'issued', username: name });
  });

  it('gives a repeat the same certificate, byte for byte or newly signed', async () => {
    const name = newName();
    const message = await scene.message(`CN=${name}`, SECRET, {}, 'mdm');
    const first = issued(await scene.send(message, 'mdm'));
    const before = await scene.certificates();
    expect(issued(await scene.send(message, 'mdm')).certificate.der).toEqual(first.certificate.der);
    const anew = issued(await scene.enrol(`CN=${name}`, SECRET, { transactionID: message.transactionID }, 'mdm'));
    expect(anew.certificate.der).toEqual(first.certificate.der);
    expect(await scene.certificates()).toBe(before);
  });

  it('renews by the rules of all renewals, with the names that were issued', async () => {
    const name = newName();
    const { certificate } = issued(await scene.enrol(`CN=${name},O=Example`, SECRET, { key: OTHER_KEY }, 'mdm'));
    scene.clock.advance({ days: 400 });
    const reply = issued(await renew(scene, { certificate, key: OTHER_KEY }, {}, 'mdm'));
    expect(reply.certificate.subject.toString()).toBe(`CN=${name},O=Example`);
  });

  it.each([
    ['another', 'wrong', 'badRequest', 'challenge.wrong'],
    ['none', '', 'badRequest', 'challenge.missing'],
    ['white space', '   ', 'badRequest', 'challenge.wrong'],
    ['one of 10 kB', 'x'.repeat(10_240), 'badRequest', 'challenge.wrong'],
  ])('refuses a challengePassword that is %s, and registers nobody', async (_, password, failInfo, rule) => {
    const name = newName();
    expect(await enrol(`CN=${name}`, { password })).toBe(failInfo);
    expect(await verdictOn(scene)).toBe(rule);
    expect((await rest.get(`end-entities/${name}`)).status).toBe(404);
  });

  it('refuses the challengePassword of another alias', async () => {
    await raAlias('branch', { ra: { authenticationPassword: 'of the branch' } });
    expect(await enrol(`CN=${newName()}`, { alias: 'branch' })).toBe('badRequest');
    expect(await enrol(`CN=${newName()}`, { password: 'of the branch', alias: 'branch' })).toBe('SUCCESS');
  });

  it('refuses what the certificate profile or the end entity profile does not allow', async () => {
    await rest.post('end-entity-profiles', { name: 'O only', requiredSubjectAttributes: ['O'] });
    await raAlias('strict', { ra: { endEntityProfile: 'O only' } });
    const name = newName();
    expect(await enrol(`CN=${name}`, { alias: 'strict' })).toBe('badRequest');
    expect(await verdictOn(scene)).toBe('end-entity-profile.names');
    expect((await rest.get(`end-entities/${name}`)).status).toBe(404);
    expect(await enrol(`CN=${name},O=Example`, { alias: 'strict' })).toBe('SUCCESS');
    expect(await enrol('CN=Devices,O=Example', { alias: 'strict' })).toBe('badRequest');
    expect(await verdictOn(scene)).toBe('request.authority-name');
  });

  it('lets one of twenty devices at once have a name, by the rule refuse', async () => {
    const subject = `CN=${newName()}`;
    const before = await scene.certificates();
    const messages = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        scene.message(subject, SECRET, { transactionID: `T-${subject}-${i}` }, 'mdm'),
      ),
    );
    const replies = await Promise.all(messages.map((message) => scene.send(message, 'mdm')));
    expect(replies.map(statusOf).filter((status) => status === 'SUCCESS')).toHaveLength(1);
    expect(await scene.certificates()).toBe(before + 1);
  });
});

describe('the user name', () => {
  it('is made by the scheme; with a random part an equal request still gets its first answer', async () => {
    await raAlias('random', { ra: { nameGeneration: { scheme: 'RANDOM', prefix: 'r-' } } });
    const message = await scene.message('O=Anonymous', SECRET, {}, 'random');
    const first = issued(await scene.send(message, 'random'));
    expect(issued(await scene.send(message, 'random')).certificate.der).toEqual(first.certificate.der);
    const { body } = await rest.get('end-entities?username=r-');
    expect(body['items']).toEqual([
      expect.objectContaining({ username: expect.stringMatching(/^r-\w{12}$/) as string }),
    ]);
  });

  it('with a random part is given once to equal requests at once, and again after the certificate was revoked to nobody', async () => {
    await raAlias('random-2', { ra: { nameGeneration: { scheme: 'RANDOM', prefix: 's-' } } });
    const message = await scene.message('O=Anonymous', SECRET, {}, 'random-2');
    const replies = await Promise.all(Array.from({ length: 10 }, () => scene.send(message, 'random-2')));
    const serials = new Set(replies.map((reply) => issued(reply).certificate.serialHex));
    expect(serials.size).toBe(1);
    await rest.post(`certificates/Devices/${[...serials][0]}/revoke`, { reason: 'superseded' });
    expect(statusOf(await scene.send(message, 'random-2'))).toBe('badRequest');
    expect((await rest.get('end-entities?username=s-')).body['items']).toHaveLength(1);
  });

  it('that cannot be made is a clear refusal', async () => {
    expect(await enrol('O=Example')).toBe('badRequest');
    expect(await verdictOn(scene)).toBe('ra.nameGeneration');
  });
});

describe('an end entity that has a certificate', () => {
  it('gets no other by a shared secret, unless an administrator lets it in again', async () => {
    const name = newName();
    expect(await enrol(`CN=${name}`)).toBe('SUCCESS');
    expect(await enrol(`CN=${name}`, { key: OTHER_KEY })).toBe('badRequest');
    expect(await verdictOn(scene)).toBe('ra.existingEndEntity');
    await rest.post(`end-entities/${name}/status`, { status: 'NEW' });
    expect(await enrol(`CN=${name},O=New`, { key: OTHER_KEY })).toBe('SUCCESS');
    expect(await endEntity(name)).toMatchObject({ status: 'GENERATED', subject: `CN=${name},O=New` });
    expect(await enrol(`CN=${name},O=Newer`, { key: OTHER_KEY })).toBe('badRequest');
  });

  it('gets another where the alias re-enrols, with what is asked for now', async () => {
    const name = newName();
    expect(await enrol(`CN=${name},O=Old`, { alias: 'again' })).toBe('SUCCESS');
    expect(await enrol(`CN=${name},O=New`, { alias: 'again', key: OTHER_KEY })).toBe('SUCCESS');
    expect(await endEntity(name)).toMatchObject({ subject: `CN=${name},O=New`, status: 'GENERATED' });
  });

  it('gets another for the same key only, where the alias says so', async () => {
    await raAlias('same', { ra: { existingEndEntity: 'sameKey' } });
    const name = newName();
    expect(await enrol(`CN=${name}`, { alias: 'same' })).toBe('SUCCESS');
    expect(await enrol(`CN=${name}`, { alias: 'same', key: OTHER_KEY })).toBe('badRequest');
    expect(await enrol(`CN=${name},O=New`, { alias: 'same' })).toBe('SUCCESS');
  });

  it('gets another by an officer’s word, where the alias says so', async () => {
    await raAlias('officer', { ra: { existingEndEntity: 'approval' } });
    const desk = new ApprovalDesk(scene);
    const name = newName();
    expect(await enrol(`CN=${name}`, { alias: 'officer' })).toBe('SUCCESS');
    expect(await enrol(`CN=${name},O=New`, { alias: 'officer', key: OTHER_KEY })).toBe('PENDING');
    expect(await endEntity(name)).toMatchObject({ status: 'GENERATED', subject: `CN=${name}` });
    await desk.reject(name);
    expect(await enrol(`CN=${name},O=Other`, { alias: 'officer', key: OTHER_KEY })).toBe('PENDING');
    expect((await desk.approve(name)).status).toBe(200);
    const polled = await desk.poll(`CN=${name},O=Other`, { key: OTHER_KEY }, 'officer');
    expect(issued(polled).certificate.subject.toString()).toBe(`CN=${name},O=Other`);
    expect(await endEntity(name)).toMatchObject({ status: 'GENERATED', subject: `CN=${name},O=Other` });
    expect(await enrol(`CN=${name},O=Third`, { alias: 'officer' })).toBe('PENDING');
  });

  it.each(['REVOKED', 'HISTORICAL'])('gets none in status %s, whatever the alias says', async (status) => {
    const name = newName();
    expect(await enrol(`CN=${name}`, { alias: 'again' })).toBe('SUCCESS');
    await rest.post(`end-entities/${name}/status`, { status });
    expect(await enrol(`CN=${name}`, { alias: 'again', key: OTHER_KEY })).toBe('badRequest');
    expect(await verdictOn(scene)).toBe('end-entity.status');
  });

  it('gets none while its certificate is on hold, whatever the alias says', async () => {
    const name = newName();
    const { certificate } = issued(await scene.enrol(`CN=${name}`, SECRET, {}, 'again'));
    await rest.post(`certificates/Devices/${certificate.serialHex}/revoke`, { reason: 'certificateHold' });
    expect(await enrol(`CN=${name}`, { alias: 'again', key: OTHER_KEY })).toBe('badRequest');
    expect(await verdictOn(scene)).toBe('ra.revoked');
  });

  it('that an administrator or another alias has registered gets none, whatever the alias says', async () => {
    const name = newName();
    await scene.register(name, 'its own code');
    expect(await enrol(`CN=${name}`, { alias: 'again' })).toBe('badRequest');
    expect(await verdictOn(scene)).toBe('ra.registered-elsewhere');
    const other = newName();
    expect(await enrol(`CN=${other}`, { alias: 'mdm' })).toBe('SUCCESS');
    expect(await enrol(`CN=${other}`, { alias: 'again', key: OTHER_KEY })).toBe('badRequest');
    expect(await verdictOn(scene)).toBe('ra.registered-elsewhere');
    expect(await endEntity(other)).toMatchObject({ registeredBy: 'mdm' });
  });
});

describe('approvals in RA mode', () => {
  it('give nothing to who has lost its certificate while it waited', async () => {
    await raAlias('officer-2', { ra: { existingEndEntity: 'approval' } });
    const desk = new ApprovalDesk(scene);
    const name = newName();
    const { certificate } = issued(await scene.enrol(`CN=${name}`, SECRET, {}, 'officer-2'));
    expect(await enrol(`CN=${name}`, { alias: 'officer-2', key: OTHER_KEY })).toBe('PENDING');
    await rest.post(`certificates/Devices/${certificate.serialHex}/revoke`, { reason: 'certificateHold' });
    const before = await scene.certificates();
    const { status, body } = await desk.approve(name);
    expect([status, body['detail']]).toEqual([409, expect.stringMatching(/no certificate any more/)]);
    expect(await scene.certificates()).toBe(before);
    expect((await desk.reject(name)).status).toBe(200);
  });

  it('are for the authority that the alias is for by then', async () => {
    await scene.createAuthority({ name: 'Third', subject: 'CN=Third' });
    await raAlias('moved', { authorities: ['Devices', 'Third'], approval: { enrolment: true } });
    const desk = new ApprovalDesk(scene);
    const name = newName();
    expect(await enrol(`CN=${name}`, { alias: 'moved' })).toBe('PENDING');
    const move = (authority: string, other: string): Promise<RestAnswer> =>
      rest.patch('aliases/moved', { authorities: [authority, other], ra: { authority } });
    expect((await move('Third', 'Devices')).status).toBe(200);
    expect((await desk.approve(name)).status).toBe(409);
    expect((await move('Devices', 'Third')).status).toBe(200);
    expect((await desk.approve(name)).status).toBe(200);
  });

  it('register with the request that waits, and issue what it asked for', async () => {
    await raAlias('approved', { approval: { enrolment: true } });
    const desk = new ApprovalDesk(scene);
    const name = newName();
    expect(await enrol(`CN=${name},O=A`, { alias: 'approved' })).toBe('PENDING');
    expect(await endEntity(name)).toMatchObject({ status: 'INPROCESS', remainingRequests: 0 });
    expect(await enrol(`CN=${name},O=A`, { alias: 'approved' })).toBe('PENDING');
    expect(await enrol(`CN=${name},O=B`, { alias: 'approved', key: OTHER_KEY })).toBe('badRequest');
    await desk.approve(name);
    const { certificate } = issued(await desk.poll(`CN=${name},O=A`, {}, 'approved'));
    expect(certificate.subject.equals(DistinguishedName.parse(`CN=${name},O=A`))).toBe(true);
    expect(await endEntity(name)).toMatchObject({ status: 'GENERATED' });
  });

  it('that are rejected let the device ask again', async () => {
    await raAlias('by-officer', { challenge: { kind: 'approval' } });
    const desk = new ApprovalDesk(scene);
    const name = newName();
    expect(await enrol(`CN=${name}`, { alias: 'by-officer', password: 'any' })).toBe('PENDING');
    await desk.reject(name);
    expect(await enrol(`CN=${name},O=New`, { alias: 'by-officer', password: 'any' })).toBe('PENDING');
    await desk.approve(name);
    expect(await endEntity(name)).toMatchObject({ status: 'GENERATED', subject: `CN=${name},O=New` });
    expect(await enrol(`CN=${name},O=Third`, { alias: 'by-officer', password: 'any' })).toBe('PENDING');
  });
});

describe('what an alias registers by', () => {
  it('can be renamed, and neither removed nor disabled behind its back', async () => {
    await rest.post('certificate-profiles', { name: 'PHONE' });
    await rest.post('end-entity-profiles', { name: 'PHONES' });
    await raAlias('phones', { ra: { certificateProfile: 'PHONE', endEntityProfile: 'PHONES', authority: 'Devices' } });
    expect((await rest.post('certificate-profiles/PHONE/rename', { name: 'TABLET' })).status).toBe(200);
    expect((await rest.get('aliases/phones')).body['ra']).toMatchObject({
      authority: 'Devices',
      certificateProfile: 'TABLET',
      endEntityProfile: 'PHONES',
      authenticationPassword: '********',
    });
    for (const path of ['certificate-profiles/TABLET', 'end-entity-profiles/PHONES', 'authorities/Devices'])
      expect((await rest.delete(path)).status).toBe(409);
    const name = newName();
    expect(await enrol(`CN=${name}`, { alias: 'phones' })).toBe('SUCCESS');
    expect(await endEntity(name)).toMatchObject({ certificateProfile: 'TABLET', endEntityProfile: 'PHONES' });
    await rest.patch('certificate-profiles/TABLET', { enabled: false });
    await expect(enrol(`CN=${newName()}`, { alias: 'phones' })).rejects.toThrow('HTTP 503');
    expect(await verdictOn(scene)).toBe('certificate-profile.enabled');
  });

  it('stays when the alias is changed otherwise, and goes back to the default with null', async () => {
    await rest.post('certificate-profiles', { name: 'KEPT' });
    await raAlias('kept', { ra: { certificateProfile: 'KEPT' } });
    await rest.patch('aliases/kept', { description: 'changed' });
    expect((await rest.get('aliases/kept')).body['ra']).toMatchObject({ certificateProfile: 'KEPT' });
    const { body } = await rest.patch('aliases/kept', { ra: { certificateProfile: null } });
    expect(body['ra']).toMatchObject({ certificateProfile: 'ENDUSER', authenticationPassword: '********' });
    expect((await rest.delete('certificate-profiles/KEPT')).status).toBe(204);
  });

  it('is one authority where it is named', async () => {
    await scene.createAuthority({ name: 'Second', subject: 'CN=Second' });
    await raAlias('two', { authorities: ['Devices', 'Second'], ra: { authority: 'Devices' } });
    const ca = await scene.client('two', 'Second').getCaCert();
    const subject = DistinguishedName.parse(`CN=${newName()}`);
    const message = await scene.client('two').encode(
      {
        messageType: 'PKCSReq',
        subject,
        key: OTHER_KEY,
        challengePassword: SECRET,
        digest: 'sha256',
        cipher: 'aes128',
      },
      ca,
    );
    expect(statusOf(await scene.send(message, 'two'))).toBe('badRequest');
    expect(await verdictOn(scene)).toBe('ra.authority');
  });
});

describe('wrong challenges', () => {
  const tryFrom = async (address: string, password: string, alias: string): Promise<string> => {
    scene.clock.advance({ milliseconds: 1 });
    const { bytes } = await scene.message(`CN=${newName()}`, password, {}, alias);
    const response = await fetch(`${scene.url(alias)}?operation=PKIOperation`, {
      method: 'POST',
      body: new Uint8Array(bytes),
      headers: { 'X-Forwarded-For': address },
    });
    return decodeCertRep(Buffer.from(await response.arrayBuffer())).outcome.pkiStatus;
  };

  it('lock a source out of the alias, until an administrator lets it in again', async () => {
    await raAlias('guarded', { limits: { failedAttemptsPerSource: 3 } });
    for (let i = 0; i < 3; i++) expect(await tryFrom('192.0.2.1', 'wrong', 'guarded')).toBe('FAILURE');
    expect(await tryFrom('192.0.2.1', SECRET, 'guarded')).toBe('FAILURE');
    expect(await verdictOn(scene)).toBe('limits.lockout-of-source-at-alias');
    expect(await tryFrom('192.0.2.2', SECRET, 'guarded')).toBe('SUCCESS');
    expect(await tryFrom('192.0.2.1', SECRET, 'mdm')).toBe('SUCCESS');
    const { body } = await rest.get('aliases/guarded/failed-sources');
    expect(body['items']).toEqual([
      expect.objectContaining({ source: '192.0.2.1', failures: 3, lockedUntil: expect.any(String) as string }),
    ]);
    expect((await rest.post('aliases/guarded/unlock', { source: '192.0.2.1' })).status).toBe(204);
    expect(await tryFrom('192.0.2.1', SECRET, 'guarded')).toBe('SUCCESS');
    expect((await rest.get('aliases/guarded/failed-sources')).body['items']).toEqual([]);
    const events = await rest.get('audit-events?target=aliases/guarded&action=alias.unlock');
    expect(events.body['items']).toEqual([expect.objectContaining({ details: { source: '192.0.2.1' } })]);
    expect((await rest.post('aliases/nobody/unlock', {})).status).toBe(404);
    expect((await rest.get('aliases/nobody/failed-sources')).status).toBe(404);
  });

  it('of a shared password lock a source out in CA mode too, by whatever user names they were tried', async () => {
    await scene.createAlias('shared', {
      challenge: { kind: 'static', password: SECRET },
      limits: { failedAttemptsPerSource: 3 },
    });
    const name = newName();
    await scene.register(name, 'of no use here');
    for (let i = 0; i < 3; i++) await tryFrom('192.0.2.3', 'wrong', 'shared');
    expect(await tryFrom('192.0.2.3', SECRET, 'shared')).toBe('FAILURE');
    expect(await verdictOn(scene)).toBe('limits.lockout-of-source-at-alias');
    expect(await enrol(`CN=${name}`, { alias: 'shared' })).toBe('SUCCESS');
  });
});
