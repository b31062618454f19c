import { createHash } from 'node:crypto';
import { DataSource } from 'typeorm';
import { RolloverService } from '../../src/authorities/rollover.service';
import { AuditReader } from '../../src/audit/audit-reader';
import { buildCertificationRequest, CertificationRequest } from '../../src/pki/x509/certification-request';
import { DistinguishedName } from '../../src/pki/x509/distinguished-name';
import { subjectAltName } from '../../src/pki/x509/extension';
import { readPem } from '../../src/pki/x509/pem';
import { ApprovalDesk, newUsername, statusOf } from '../support/approvals';
import { DEVICE_KEY, enrolmentScene, type EnrolmentScene } from '../support/enrolment-scene';
import { issued, NEW_KEY, sql, verdictOn } from '../support/renewal';
import { itemsOf, wrongFields } from '../support/rest-client';
import { until } from '../support/until';

let scene: EnrolmentScene;
let desk: ApprovalDesk;

beforeAll(async () => {
  scene = await enrolmentScene();
  desk = new ApprovalDesk(scene);
  await scene.createAlias('approved', { approval: { enrolment: true, expiresAfter: '2d' } });
  await scene.createAlias('open', { challenge: { kind: 'approval' }, renewal: { window: '100%' } });
});

afterAll(() => scene.close());

async function applicant(
  more: object = {},
  alias = 'approved',
): Promise<{ username: string; subject: string; id: string }> {
  const username = newUsername();
  await scene.register(username, 'secret', more);
  const subject = `CN=${username}`;
  expect(await scene.enrol(subject, 'secret', { transactionID: username }, alias)).toEqual({ pkiStatus: 'PENDING' });
  return { username, subject, id: (await desk.newest(username))['id'] as string };
}

const poll = async (username: string, alias = 'approved'): Promise<string> =>
  statusOf(await desk.poll(`CN=${username}`, { transactionID: username }, alias));

describe('what the officer sees', () => {
  it('N-12: the request with its fingerprints, as the device computes them', async () => {
    const username = newUsername();
    await scene.register(username, 'secret');
    const subject = DistinguishedName.parse(`CN=${username},O=Example`);
    const extensions = [subjectAltName([{ type: 'dns', value: 'gate.example.com' }], false)];
    const content = { subject, signer: DEVICE_KEY, challengePassword: 'secret', extensions, digest: 'sha256' } as const;
    const der = Buffer.from(await buildCertificationRequest(content));
    const request = CertificationRequest.read(der);
    await scene.enrol('CN=replaced', '', { subject, request, transactionID: username }, 'approved');
    const shown = await desk.newest(username);
    const digest = (name: string, bytes: Buffer): string =>
      createHash(name)
        .update(bytes)
        .digest('hex')
        .toUpperCase()
        .replace(/(..)(?=.)/g, '$1:');
    expect(shown).toMatchObject({
      state: 'waiting',
      alias: 'approved',
      authority: 'Devices',
      messageType: 'PKCSReq',
      transactionID: username,
      source: '127.0.0.1',
      renews: null,
      subject: subject.toString(),
      subjectAltNames: [{ type: 'dns', value: 'gate.example.com' }],
      key: 'RSA 2048',
      fingerprints: {
        md5: digest('md5', der),
        sha1: digest('sha1', der),
        sha256: digest('sha256', der),
        sha512: digest('sha512', der),
      },
      publicKeyFingerprint: digest('sha256', DEVICE_KEY.publicKey.spki),
      decidedAt: null,
    });
    const [pem] = readPem(shown['certificationRequest'] as string);
    const kept = CertificationRequest.read(pem!.der);
    expect(kept.challengePassword).toBeUndefined();
    expect(kept.subject.raw).toEqual(subject.raw);
    expect(kept.extensions).toEqual(request.extensions);
    expect(kept.spki).toEqual(request.spki);
  });

  it('nothing that was a secret: neither in the answer nor in the database', async () => {
    const { id } = await applicant();
    const { text } = await desk.rest.get(`approvals/${id}`);
    expect(text).not.toContain('secret');
    const [row] = await sql<{ row: string }>(scene, 'select a::text as row from approvals a where id = $1', [id]);
    expect(row!.row).not.toContain('secret');
    expect(row!.row).not.toContain(Buffer.from('secret').toString('hex'));
  });

  it('lists page by page, by state, alias, user name and transactionID', async () => {
    const one = await applicant();
    const two = await applicant({}, 'open');
    const { items, pages } = await desk.rest.all('approvals?state=waiting', 1);
    expect(pages).toBe(items.length);
    expect(items.slice(0, 2).map(({ id }) => id as string)).toEqual([two.id, one.id]);
    const listed = async (filter: string) =>
      itemsOf(await desk.rest.get(`approvals?${filter}`)).map(({ id }) => id as string);
    expect(await listed(`transactionID=${one.username}`)).toEqual([one.id]);
    expect(await listed(`alias=open&username=${two.username}`)).toEqual([two.id]);
    expect(await listed(`alias=open&username=${one.username}`)).toEqual([]);
    expect((await desk.rest.get('approvals?state=open')).status).toBe(400);
  });

  it('404 for what is no approval, 400 for a rejection without a reason of one line', async () => {
    for (const id of ['00000000-0000-4000-8000-000000000000', 'x', '%00'])
      expect((await desk.rest.get(`approvals/${id}`)).status).toBe(404);
    const { id } = await applicant();
    expect(wrongFields(await desk.rest.post(`approvals/${id}/reject`, {}))).toEqual(['reason']);
    for (const reason of ['', 'two\nlines', 'x'.repeat(201)])
      expect(wrongFields(await desk.rest.post(`approvals/${id}/reject`, { reason }))).toEqual(['reason']);
    expect(await desk.rest.get(`approvals/${id}`)).toMatchObject({ body: { state: 'waiting' } });
  });
});

it('each decision has its audit event, the certificate has one too, and the request log the id of the approval', async () => {
  const { username, id } = await applicant();
  expect((await scene.log())[0]).toMatchObject({ outcome: 'pending', username, rule: 'approval' });
  expect((await scene.log())[0]!.explanation).toContain(id);
  const { body } = await desk.approve(username);
  const events = await scene.gateway.application.get(AuditReader, { strict: false }).list({}, 3);
  const certificate = `certificates/Devices/${body['serialNumber'] as string}`;
  expect(events.map(({ actor, action, target }) => [actor, action, target]).sort()).toEqual([
    ['administrator', 'approval.approve', `approvals/${id}`],
    ['gateway', 'approval.open', `approvals/${id}`],
    ['gateway', 'certificate.issue', certificate],
  ]);
  expect(events.find(({ action }) => action === 'approval.approve')!.details).toMatchObject({ certificate });
});

describe('what has changed since the request came', () => {
  /** Does something to the end entity, has the request approved, and tells what the officer is told. */
  async function refusedAfter(change: (username: string) => Promise<unknown>): Promise<string> {
    const { username, id } = await applicant();
    await change(username);
    const { status, body } = await desk.rest.post(`approvals/${id}/approve`);
    expect(status).toBe(409);
    expect(await desk.rest.get(`approvals/${id}`)).toMatchObject({ body: { state: 'waiting', decidedAt: null } });
    return body['detail'] as string;
  }

  const setStatus = (status: 'NEW' | 'REVOKED' | 'HISTORICAL') => (username: string) =>
    scene.endEntities.setStatus('test', username, { status });

  it('the end entity is closed: what is in the way is named, and the request goes on waiting', async () => {
    expect(await refusedAfter(setStatus('REVOKED'))).toContain('REVOKED');
    expect(await refusedAfter(setStatus('HISTORICAL'))).toContain('HISTORICAL');
  });

  it('the end entity is put back to NEW: its device has to ask again, and its poll says so', async () => {
    let username = '';
    expect(
      await refusedAfter((name) => {
        username = name;
        return setStatus('NEW')(name);
      }),
    ).toContain('back to NEW');
    expect(await poll(username)).toBe('badRequest');
    expect(await verdictOn(scene)).toBe('approval.end-entity-epoch');
    expect(await scene.enrol(`CN=${username}`, 'secret', { transactionID: username }, 'approved')).toEqual({
      pkiStatus: 'PENDING',
    });
    await desk.approve(username);
    expect(await poll(username)).toBe('SUCCESS');
  });

  it('the end entity is removed: nothing is left to poll for', async () => {
    let username = '';
    expect(
      await refusedAfter((name) => {
        username = name;
        return scene.endEntities.remove('test', name);
      }),
    ).toContain('removed');
    expect(await poll(username)).toBe('badCertId');
    expect((await desk.reject(username)).status).toBe(200);
  });

  it('the end entity has other names and another user name: they are what is issued', async () => {
    const { username, id } = await applicant();
    await scene.endEntities.patch('test', username, { subject: `CN=${username},O=Moved` });
    await scene.endEntities.rename('test', username, `${username}-renamed`);
    expect((await desk.rest.post(`approvals/${id}/approve`)).status).toBe(200);
    const reply = issued(await desk.poll(`CN=${username}`, { transactionID: username }, 'approved'));
    expect(reply.certificate.subject.toString()).toBe(`CN=${username},O=Moved`);
  });

  it('the alias is disabled, then enabled again', async () => {
    await scene.createAlias('switched', { approval: { enrolment: true } });
    const { id, username } = await applicant({}, 'switched');
    await desk.rest.patch('aliases/switched', { enabled: false });
    const refused = await desk.rest.post(`approvals/${id}/approve`);
    expect([refused.status, refused.body['detail']]).toEqual([409, expect.stringContaining('disabled')]);
    await desk.rest.patch('aliases/switched', { enabled: true });
    expect((await desk.rest.post(`approvals/${id}/approve`)).status).toBe(200);
    expect(await poll(username, 'switched')).toBe('SUCCESS');
  });

  it('the alias is removed', async () => {
    await scene.createAlias('passing', { approval: { enrolment: true } });
    const { id } = await applicant({}, 'passing');
    expect((await desk.rest.delete('aliases/passing')).status).toBe(204);
    const refused = await desk.rest.post(`approvals/${id}/approve`);
    expect([refused.status, refused.body['detail']]).toEqual([409, expect.stringContaining('removed')]);
    expect((await desk.rest.post(`approvals/${id}/reject`, { reason: 'gone' })).status).toBe(200);
  });

  it('the alias wants no approval any more: what waits still does, what comes is issued', async () => {
    await scene.createAlias('relaxed', { approval: { enrolment: true } });
    const { username } = await applicant({ allowedRequests: 2 }, 'relaxed');
    await desk.rest.patch('aliases/relaxed', { approval: { enrolment: false } });
    expect(await poll(username, 'relaxed')).toBe('PENDING');
    issued(await scene.enrol(`CN=${username}`, 'secret', { key: NEW_KEY }, 'relaxed'));
    expect((await desk.approve(username)).status).toBe(200);
    expect(await poll(username, 'relaxed')).toBe('SUCCESS');
  });

  it('the authority has been rolled over: the certificate is of the key that issues now', async () => {
    await scene.createAuthority({ name: 'Rolled', subject: 'CN=Rolled' });
    await scene.createAlias('rolled', { authorities: ['Rolled'], approval: { enrolment: true } });
    const { username, id } = await applicant({ authority: 'Rolled' }, 'rolled');
    const rollovers = scene.gateway.application.get(RolloverService, { strict: false });
    await rollovers.plan('test', 'Rolled', { key: 'new' });
    await rollovers.activate('test', 'Rolled');
    expect((await desk.rest.post(`approvals/${id}/approve`)).status).toBe(200);
    const ca = await scene.client('rolled').getCaCert();
    const reply = await desk.poll(`CN=${username}`, { transactionID: username }, 'rolled', ca);
    const { certificate, certificates } = issued(reply);
    expect(ca.issuer.publicKey.equals((await scene.ca('rolled')).issuer.publicKey)).toBe(false);
    expect(certificate.isSignedBy(ca.issuer.publicKey)).toBe(true);
    expect(certificates.map(({ der }) => der)).toContainEqual(ca.issuer.der);
  });
});

describe('a commit whose outcome is unknown', () => {
  /** Blocks a write on an end entity, ends its connection, and lets go. */
  async function whileTheWriteDies(username: string): Promise<void> {
    const dataSource = scene.gateway.application.get(DataSource);
    const runner = dataSource.createQueryRunner();
    await runner.startTransaction();
    await runner.query('select 1 from end_entities where username = $1 for update', [username]);
    const waiting = () =>
      dataSource.query<{ pid: number }[]>(
        `select pid from pg_stat_activity where wait_event_type = 'Lock' and query like '%claimed as (%'
          and datname = current_database()`,
      );
    try {
      await until(async () => (await waiting()).length === 1);
      await dataSource.query('select pg_terminate_backend($1)', [(await waiting())[0]!.pid]);
    } finally {
      await runner.rollbackTransaction();
      await runner.release();
    }
  }

  it('gives a device 503 and no PENDING, and its retry waits', async () => {
    const username = newUsername();
    await scene.register(username, 'secret');
    const message = await scene.message(`CN=${username}`, 'secret', {}, 'approved');
    const answer = scene.post(message.bytes, 'approved');
    await whileTheWriteDies(username);
    expect(await answer).toMatchObject({ status: 503, contentType: 'text/plain' });
    expect(await desk.of(username)).toEqual([]);
    expect(await scene.send(message, 'approved')).toEqual({ pkiStatus: 'PENDING' });
  });

  it('tells an officer so, and a second try finds the truth', async () => {
    const { username, id } = await applicant();
    const answer = desk.rest.post(`approvals/${id}/approve`);
    await whileTheWriteDies(username);
    expect((await answer).status).toBe(503);
    expect((await desk.approve(username)).status).toBe(200);
    expect(await poll(username)).toBe('SUCCESS');
  });
});
