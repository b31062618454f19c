import type { Enrolment } from '../../src/client/enrolment-message';
import { CrlJob } from '../../src/jobs/crl.job';
import { SupersededCertificateJob } from '../../src/jobs/superseded-certificate.job';
import { PrivateKey } from '../../src/pki/cms/private-key';
import { DistinguishedName } from '../../src/pki/x509/distinguished-name';
import { UndecodableCounter } from '../../src/requests/undecodable-counter';
import { ApprovalDesk } from '../support/approvals';
import { readCrl } from '../support/crl';
import { enrolmentScene, type EnrolmentScene } from '../support/enrolment-scene';
import { issued, renew } from '../support/renewal';
import { itemsOf, RestClient, wrongFields } from '../support/rest-client';

let scene: EnrolmentScene;
let rest: RestClient;

beforeAll(async () => {
  scene = await enrolmentScene();
  rest = new RestClient(scene.gateway);
});

afterAll(() => scene.close());

describe('limits.requestsPerMinute', () => {
  it('is answered with 503 and Retry-After, for garbage as well as for requests, and is seen by the administrator', async () => {
    await scene.createAlias('slow', { limits: { requestsPerMinute: 2 } });
    await scene.register('slow-1', 'secret');
    const { bytes } = await scene.message('CN=slow-1', 'secret', {}, 'slow');
    const operation = (body: Buffer) =>
      fetch(`${scene.url('slow')}?operation=PKIOperation`, { method: 'POST', body: new Uint8Array(body) });
    expect((await operation(Buffer.from('garbage'))).status).toBe(400);
    expect((await operation(bytes)).status).toBe(200);
    const refused = await operation(bytes);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '30']);
    expect(await refused.text()).toContain('too many requests from this address');
    const byGet = `${scene.url('slow')}?operation=PKIOperation&message=${encodeURIComponent(bytes.toString('base64'))}`;
    expect((await fetch(byGet)).status).toBe(503);
    // What costs nothing is answered, and other aliases do not know of it.
    expect((await fetch(`${scene.url('slow')}?operation=GetCACaps`)).status).toBe(200);
    expect((await scene.post(bytes)).status).toBe(200);
    scene.clock.advance({ seconds: 30 });
    expect((await operation(bytes)).status).toBe(200);
    await scene.gateway.application.get(UndecodableCounter, { strict: false }).flush();
    const counts = itemsOf(await rest.get('requests/undecodable?alias=slow'));
    expect(counts).toContainEqual(
      expect.objectContaining({ cause: 'more requests than limits.requestsPerMinute', occurrences: 2 }),
    );
  });
});

const newKey = (): PrivateKey => PrivateKey.generateRsa(2048);

/** The status of an enrolment, and the rule where it was refused. */
async function outcomeOf(
  username: string,
  alias: string,
  changes: Partial<Enrolment>,
): Promise<string | null | undefined> {
  const reply = await scene.enrol(
    `CN=${username}`,
    'secret',
    { transactionID: crypto.randomUUID(), ...changes },
    alias,
  );
  return reply.pkiStatus === 'FAILURE' ? (await scene.log())[0]?.rule : reply.pkiStatus;
}

describe('settings.uniquePublicKeys and settings.uniqueSubjects', () => {
  it('hold for what was issued before, and give a key that two ask for at once to one of them', async () => {
    await scene.createAuthority({ name: 'Strict', subject: 'CN=Strict' });
    await scene.createAlias('strict', { authorities: ['Strict'], renewal: { window: '100%', allowOldKey: true } });
    const more = { authority: 'Strict', allowedRequests: 5 };
    for (const username of ['u1', 'u2', 'u3']) await scene.register(username, 'secret', more);
    const key = newKey();
    expect(await outcomeOf('u1', 'strict', { key })).toBe('SUCCESS');
    const settings = { uniquePublicKeys: true, uniqueSubjects: true };
    expect((await rest.patch('authorities/Strict', { settings })).body['settings']).toMatchObject(settings);
    expect(await outcomeOf('u2', 'strict', { key })).toBe('authority.uniquePublicKeys');
    // The same device, anew and by a renewal with its old key.
    const again = await scene.enrol('CN=u1', 'secret', { key, transactionID: 'again' }, 'strict');
    const renewed = await renew(scene, { certificate: issued(again).certificate, key }, { key }, 'strict');
    expect(renewed.pkiStatus).toBe('SUCCESS');
    const shared = { key: newKey() };
    const both = await Promise.all(
      ['u2', 'u3'].map((username) => scene.message(`CN=${username}`, 'secret', shared, 'strict')),
    );
    const replies = await Promise.all(both.map((message) => scene.send(message, 'strict')));
    expect(replies.map(({ pkiStatus }) => pkiStatus).sort()).toEqual(['FAILURE', 'SUCCESS']);
    await scene.endEntities.patch('test', 'u3', { subject: 'cn=U1' });
    expect(await outcomeOf('u3', 'strict', { key: newKey() })).toBe('authority.uniqueSubjects');
  });

  it('whatever is set, a key that was revoked for keyCompromise is never certified again', async () => {
    await scene.register('leaky', 'secret', { allowedRequests: 5 });
    await scene.register('innocent', 'secret');
    const key = newKey();
    const { certificate } = issued(await scene.enrol('CN=leaky', 'secret', { key }));
    await rest.post(`certificates/Devices/${certificate.serialHex}/revoke`, { reason: 'keyCompromise' });
    for (const username of ['leaky', 'innocent'])
      expect(await outcomeOf(username, 'scep', { key })).toBe('request.compromised-key');
    expect(await outcomeOf('leaky', 'scep', { key: newKey() })).toBe('SUCCESS');
  });
});

describe('limits.maxActiveCertificates', () => {
  const statesOf = async (username: string): Promise<(string | null)[]> => {
    const { items } = await rest.all(`certificates?username=${username}`, 50);
    return items.map(({ revocationReason }) => revocationReason as string | null).sort();
  };

  it('revokes what a renewal supersedes, at once, and the CRL has it', async () => {
    await scene.createAlias('single', {
      renewal: { window: '100%' },
      limits: { maxActiveCertificates: 1, supersede: 'atOnce' },
    });
    await scene.register('s1', 'secret');
    const key = newKey();
    const { certificate } = issued(await scene.enrol('CN=s1', 'secret', { key }, 'single'));
    issued(await renew(scene, { certificate, key }, { key: newKey() }, 'single'));
    expect(await statesOf('s1')).toEqual([null, 'superseded'].sort());
    await scene.gateway.application.get(CrlJob, { strict: false }).run();
    const crl = await fetch(`${scene.gateway.publicUrl}/crl/Devices.crl`);
    expect(readCrl(Buffer.from(await crl.arrayBuffer())).entries).toHaveProperty(certificate.serialHex);
  });

  it('or a while later, or refuses', async () => {
    await scene.createAlias('later', { limits: { maxActiveCertificates: 1, supersede: '2d' } });
    await scene.createAlias('refusing', { limits: { maxActiveCertificates: 1 } });
    await scene.register('l1', 'secret', { allowedRequests: 5 });
    const job = scene.gateway.application.get(SupersededCertificateJob, { strict: false });
    for (let time = 0; time < 2; time++) expect(await outcomeOf('l1', 'later', { key: newKey() })).toBe('SUCCESS');
    await job.run();
    expect(await statesOf('l1')).toEqual([null, null]);
    scene.clock.advance({ days: 2 });
    await job.run();
    expect(await statesOf('l1')).toEqual([null, 'superseded'].sort());
    expect(await outcomeOf('l1', 'refusing', { key: newKey() })).toBe('limits.maxActiveCertificates');
    const refused = await rest.patch('aliases/later', { limits: { supersede: 'sometimes' } });
    expect(wrongFields(refused)).toEqual(['limits.supersede']);
  });
});

describe('an alias in RA mode whose certificate profiles are all switched off', () => {
  const set = (name: string, enabled: boolean) => rest.patch(`certificate-profiles/${name}`, { enabled });
  const ask = (query: string) => fetch(`${scene.url('mdm')}?${query}`);

  it('is not available as a whole, says so to devices and administrators, and comes back', async () => {
    for (const name of ['SERVER', 'SPARE']) await rest.post('certificate-profiles', { name });
    await scene.createAlias('mdm', {
      operationalMode: 'RA',
      challenge: { kind: 'static' },
      ra: { certificateProfile: 'SERVER', authenticationPassword: 'secret' },
      templates: ['spare=SPARE'],
    });
    const { bytes } = await scene.message('CN=phone-1', 'secret', { key: newKey() }, 'mdm');
    await set('SERVER', false);
    // By its template it issues still; whom the other profile is for is refused.
    expect((await ask('operation=GetCACert')).status).toBe(200);
    expect(await outcomeOf('phone-0', 'mdm', { key: newKey() })).toBe('certificate-profile.enabled');
    await set('SPARE', false);
    for (const query of ['operation=GetCACaps', 'operation=GetCACert', 'operation=GetNextCACert']) {
      const answer = await ask(query);
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '300']);
      expect(await answer.text()).toBe('no certificates are issued here at the moment: ask the administrator\n');
    }
    expect((await scene.post(bytes, 'mdm')).status).toBe(503);
    const [row] = await scene.log();
    expect(row).toMatchObject({ rule: 'certificate-profile.enabled', alias: 'mdm' });
    expect(JSON.stringify(row)).toContain('SERVER, SPARE');
    expect((await rest.get('aliases/mdm')).body['unavailable']).toContain('SERVER, SPARE');
    // What is in CA mode refuses those alone whose own profile is off.
    expect((await rest.get('aliases/scep')).body['unavailable']).toBeNull();
    await set('SERVER', true);
    expect((await rest.get('aliases/mdm')).body['unavailable']).toBeNull();
    expect((await ask('operation=GetCACaps')).status).toBe(200);
    expect((await scene.post(bytes, 'mdm')).status).toBe(200);
    expect((await scene.log())[0]).toMatchObject({ outcome: 'issued' });
  });
});

describe('end entity profiles', () => {
  it('may have a limit of failed attempts of their own', async () => {
    await rest.post('end-entity-profiles', { name: 'WARY', failedAttempts: 1 });
    await scene.register('wary', 'secret', { endEntityProfile: 'WARY' });
    await scene.register('patient', 'secret');
    for (const username of ['wary', 'patient'])
      await scene.enrol(`CN=${username}`, 'wrong', { transactionID: username });
    expect(await outcomeOf('wary', 'scep', { key: newKey() })).toBe('limits.lockout-of-source');
    expect(await outcomeOf('patient', 'scep', { key: newKey() })).toBe('SUCCESS');
  });

  it('fill in what a device never asks for, and it renews all the same, without getting anything new', async () => {
    await rest.post('end-entity-profiles', { name: 'FILLING', fixedSubject: 'O=Example,C=SE' });
    await scene.createAlias('filling', { subjectSource: 'request', renewal: { window: '100%' } });
    await scene.register('f1', 'secret', { endEntityProfile: 'FILLING' });
    const key = newKey();
    const { certificate } = issued(await scene.enrol('CN=f1', 'secret', { key }, 'filling'));
    expect(certificate.subject.toString()).toBe('CN=f1,O=Example,C=SE');
    const asking = (subject: string) => ({ key: newKey(), subject: DistinguishedName.parse(subject) });
    const other = await renew(scene, { certificate, key }, asking('CN=f1,O=Other'), 'filling');
    expect([other.pkiStatus, (await scene.log())[0]?.rule]).toEqual(['FAILURE', 'renewal.subject']);
    const renewed = issued(await renew(scene, { certificate, key }, asking('CN=f1'), 'filling')).certificate;
    expect(renewed.subject.toString()).toBe('CN=f1,O=Example,C=SE');
  });
});

describe('an officer', () => {
  it('cannot approve what a rule forbids, and is told which', async () => {
    const desk = new ApprovalDesk(scene);
    await scene.createAuthority({ name: 'Guarded', subject: 'CN=Guarded', settings: { uniquePublicKeys: true } });
    await scene.createAlias('guarded', {
      authorities: ['Guarded'],
      approval: { enrolment: true },
      limits: { maxActiveCertificates: 1, supersede: 'atOnce' },
    });
    const key = newKey();
    for (const username of ['g1', 'g2']) {
      await scene.register(username, 'secret', { authority: 'Guarded', allowedRequests: 3 });
      expect(await outcomeOf(username, 'guarded', { key })).toBe('PENDING');
    }
    await desk.approve('g1');
    const { id } = await desk.newest('g2');
    const refused = await rest.post(`approvals/${id as string}/approve`, {});
    expect([refused.status, refused.text]).toEqual([expect.any(Number), expect.stringContaining('make a new one')]);
    expect(refused.status).toBeGreaterThanOrEqual(400);
    expect(await outcomeOf('g1', 'guarded', { key: newKey() })).toBe('PENDING');
    await desk.approve('g1');
    const { items } = await rest.all('certificates?username=g1', 50);
    expect(items.map(({ revocationReason }) => revocationReason as string | null).sort()).toEqual(
      [null, 'superseded'].sort(),
    );
  });
});
