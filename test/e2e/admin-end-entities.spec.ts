import { EndEntityStatus } from '../../src/end-entities/end-entity-status';
import { enrolmentCodeContext } from '../../src/end-entities/enrolment-code';
import { Verifier } from '../../src/keys/verifier';
import type { DataSource } from 'typeorm';
import { FixedClock } from '../support/fixed-clock';
import { createAuthority, itemsOf, RestClient, wrongFields } from '../support/rest-client';
import { startGateway, type TestGateway } from '../support/start-gateway';

const CODE = 'Enr0lment-c0de-to-be-found';

describe('end entities', () => {
  const clock = new FixedClock();
  let gateway: TestGateway;
  let rest: RestClient;
  let dataSource: DataSource;

  beforeAll(async () => {
    gateway = await startGateway({ clock });
    rest = new RestClient(gateway);
    dataSource = await gateway.database.dataSource([]);
  });

  afterAll(async () => {
    await gateway.close();
  });

  const row = async (username: string): Promise<Record<string, unknown>> => {
    const [found] = await dataSource.query<Record<string, unknown>[]>(
      'select * from end_entities where username = $1',
      [username],
    );
    return found ?? {};
  };
  const verifies = async (username: string, code: string): Promise<boolean> => {
    const { id, enrolment_code_verifier: verifier } = await row(username);
    const context = enrolmentCodeContext(id as string);
    return gateway.application.get(Verifier, { strict: false }).matches(context, code, verifier as Buffer);
  };

  it('say what is missing in a gateway that has nothing yet', async () => {
    expect(wrongFields(await rest.post('end-entities', { username: 'early', enrolmentCode: CODE }))).toEqual([
      'authority',
    ]);
    expect((await rest.get('certificate-profiles')).body['items']).toEqual([]);
  });

  it('make the default profiles when they are needed, once', async () => {
    await createAuthority(gateway, 'Devices');
    const named = { certificateProfile: 'NOTHING', endEntityProfile: 'NOTHING' };
    const refused = await rest.post('end-entities', { username: 'early', enrolmentCode: CODE, ...named });
    expect(wrongFields(refused)).toEqual(['endEntityProfile']);
    const usernames = ['early', 'early-2', 'early-3'];
    const answers = await Promise.all(
      usernames.map((username) => rest.post('end-entities', { username, enrolmentCode: CODE })),
    );
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
    for (const profile of ['certificate-profiles/ENDUSER', 'end-entity-profiles/EMPTY'])
      expect(itemsOf(await rest.get(`audit-events?target=${profile}`))).toHaveLength(1);
  });

  it('need only a user name and a code', async () => {
    const created = await rest.post('end-entities', { username: 'router-1', enrolmentCode: CODE });
    expect([created.status, created.headers.get('location')]).toEqual([201, '/api/v1/end-entities/router-1']);
    const moment = '2026-01-02T03:04:05.000Z';
    expect(created.body).toEqual({
      username: 'router-1',
      status: 'NEW',
      subject: 'CN=router-1',
      subjectAltNames: [],
      authority: 'Devices',
      certificateProfile: 'ENDUSER',
      endEntityProfile: 'EMPTY',
      registeredBy: null,
      allowedRequests: 1,
      remainingRequests: 1,
      failedAttempts: 0,
      lockedUntil: null,
      failedSources: [],
      createdAt: moment,
      updatedAt: moment,
    });
    expect((await rest.get('end-entities/router-1')).body).toEqual(created.body);
    expect(await verifies('router-1', CODE)).toBe(true);
    expect(await verifies('router-1', `${CODE} `)).toBe(false);
  });

  it('keep the subject and the alternative names in one spelling', async () => {
    const { body } = await rest.post('end-entities', {
      username: 'user',
      enrolmentCode: CODE,
      subject: 'cn=User Usersson, o=PrimeKey, c=SE',
      subjectAltNames: [
        { type: 'dns', value: 'router.example.org' },
        { type: 'ip', value: '2001:DB8::0:1' },
      ],
      allowedRequests: 3,
    });
    expect(body).toMatchObject({
      subject: 'CN=User Usersson,O=PrimeKey,C=SE',
      subjectAltNames: [
        { type: 'dns', value: 'router.example.org' },
        { type: 'ip', value: '2001:db8::1' },
      ],
      allowedRequests: 3,
      remainingRequests: 3,
    });
  });

  it('may have user names that have to be escaped, in the subject and in the path', async () => {
    for (const username of ['a,b=c+d', 'a/b?c#d', 'röuter%20', '路由器', '#x', '..']) {
      const created = await rest.post('end-entities', { username, enrolmentCode: CODE });
      expect(created.status).toBe(201);
      const path = created.headers.get('location')!.replace('/api/v1/', '');
      if (username !== '..') expect((await rest.get(path)).body['username']).toBe(username);
    }
    expect((await rest.get('end-entities/a%2Cb%3Dc%2Bd')).body['subject']).toBe('CN=a\\,b=c\\+d');
  });

  it.each([
    [{ username: 'two words' }, 'username'],
    [{ username: 'nul\0' }, 'username'],
    [{ enrolmentCode: ' ' }, 'enrolmentCode'],
    [{ subject: 'nonsense' }, 'subject'],
    [{ subject: '' }, 'subject'],
    [{ subject: `CN=x${'y'.repeat(3000)}` }, 'subject'],
    [{ subjectAltNames: [{ type: 'ip', value: 'x' }] }, 'subjectAltNames[0].value'],
    [{ authority: 'Nobody' }, 'authority'],
    [{ certificateProfile: 'NOTHING' }, 'certificateProfile'],
    [{ endEntityProfile: 'NOTHING' }, 'endEntityProfile'],
    [{ allowedRequests: -1 }, 'allowedRequests'],
    [{ status: 'GENERATED' }, 'status'],
  ])('refuse %j', async (extra, field) => {
    const answer = await rest.post('end-entities', { username: 'refused', enrolmentCode: CODE, ...extra });
    expect(wrongFields(answer)).toEqual([field]);
    expect(answer.text).not.toContain(CODE);
    expect((await rest.get('end-entities/refused')).status).toBe(404);
  });

  it('may have an empty subject if they have another name', async () => {
    const names = { subject: '', subjectAltNames: [{ type: 'dns', value: 'x.example' }] };
    const created = await rest.post('end-entities', { username: 'nameless', enrolmentCode: CODE, ...names });
    expect([created.status, created.body['subject']]).toEqual([201, '']);
  });

  it('are held against their end entity profile', async () => {
    await rest.post('end-entity-profiles', {
      name: 'STRICT',
      allowedSubjectAttributes: ['CN', 'O'],
      requiredSubjectAttributes: ['O'],
      subjectAltNameTypes: ['dns'],
    });
    const strict = { username: 'strict', enrolmentCode: CODE, endEntityProfile: 'STRICT' };
    expect(wrongFields(await rest.post('end-entities', strict))).toEqual(['subject']);
    const names = [{ type: 'ip', value: '192.0.2.1' }];
    const both = { ...strict, subject: 'CN=a,OU=b', subjectAltNames: names };
    expect(wrongFields(await rest.post('end-entities', both))).toEqual(['subject', 'subjectAltNames[0].type']);
    expect((await rest.post('end-entities', { ...strict, subject: 'CN=a,O=b' })).status).toBe(201);
    expect(wrongFields(await rest.patch('end-entities/strict', { subject: 'CN=a' }))).toEqual(['subject']);
  });

  it('have no enrolment code where null says so, until they are given one', async () => {
    expect((await rest.post('end-entities', { username: 'codeless', enrolmentCode: null })).status).toBe(201);
    expect((await row('codeless'))['enrolment_code_verifier']).toBeNull();
    await rest.patch('end-entities/codeless', { enrolmentCode: CODE });
    expect(await verifies('codeless', CODE)).toBe(true);
  });

  it('exist once per user name, upper and lower case being different', async () => {
    await rest.post('end-entities', { username: 'once', enrolmentCode: CODE });
    expect((await rest.post('end-entities', { username: 'once', enrolmentCode: CODE })).status).toBe(409);
    expect((await rest.post('end-entities', { username: 'Once', enrolmentCode: CODE })).status).toBe(201);
  });

  it('are changed by PATCH, and null brings defaults back', async () => {
    await rest.post('end-entities', {
      username: 'patched',
      enrolmentCode: CODE,
      subject: 'CN=x,O=y',
      allowedRequests: 5,
    });
    const patched = await rest.patch('end-entities/patched', { subjectAltNames: [{ type: 'dns', value: 'a.b' }] });
    expect(patched.body).toMatchObject({
      subject: 'CN=x,O=y',
      allowedRequests: 5,
      subjectAltNames: [{ value: 'a.b' }],
    });
    const cleared = await rest.patch('end-entities/patched', {
      subject: null,
      subjectAltNames: null,
      allowedRequests: null,
    });
    expect(cleared.body).toMatchObject({
      subject: 'CN=patched',
      subjectAltNames: [],
      allowedRequests: 1,
      remainingRequests: 1,
    });
    await rest.patch('end-entities/patched', { enrolmentCode: 'another' });
    expect(await verifies('patched', CODE)).toBe(false);
    expect(await verifies('patched', 'another')).toBe(true);
    expect(wrongFields(await rest.patch('end-entities/patched', { username: 'x' }))).toEqual(['username']);
    expect((await rest.patch('end-entities/nobody', {})).status).toBe(404);
  });

  it('keep what they have used when the limit is changed', async () => {
    await rest.post('end-entities', { username: 'used', enrolmentCode: CODE, allowedRequests: 5 });
    await dataSource.query("update end_entities set remaining_requests = 2 where username = 'used'");
    const more = await rest.patch('end-entities/used', { allowedRequests: 10 });
    expect(more.body['remainingRequests']).toBe(7);
    const fewer = await rest.patch('end-entities/used', { allowedRequests: 1 });
    expect(fewer.body['remainingRequests']).toBe(1);
  });

  it('take up a new life with status NEW', async () => {
    await rest.post('end-entities', { username: 'again', enrolmentCode: CODE, allowedRequests: 2 });
    await dataSource.query(
      `update end_entities set status = $1, remaining_requests = 0, failed_attempts = 7,
         locked_until = '2030-01-01' where username = 'again'`,
      [EndEntityStatus.GENERATED],
    );
    await dataSource.query(
      `insert into failed_attempts (end_entity_id, source, failures, last_failure_at)
       select id, '192.0.2.1', 7, now() from end_entities where username = 'again'`,
    );
    const { epoch } = await row('again');
    const renewed = await rest.post('end-entities/again/status', { status: 'NEW', enrolmentCode: 'second code' });
    expect(renewed.body).toMatchObject({
      status: 'NEW',
      remainingRequests: 2,
      failedAttempts: 0,
      lockedUntil: null,
      failedSources: [],
    });
    expect((await row('again'))['epoch']).toBe((epoch as number) + 1);
    expect(await verifies('again', 'second code')).toBe(true);
    await rest.post('end-entities/again/status', { status: 'NEW' });
    expect((await row('again'))['epoch']).toBe((epoch as number) + 2);
    expect(await verifies('again', 'second code')).toBe(true);
  });

  it('refuse a status that may not follow, and a code that nobody could use', async () => {
    await rest.post('end-entities', { username: 'steps', enrolmentCode: CODE });
    expect((await rest.post('end-entities/steps/status', { status: 'GENERATED' })).status).toBe(200);
    const refused = await rest.post('end-entities/steps/status', { status: 'FAILED' });
    expect([refused.status, refused.body['type']]).toEqual([409, 'urn:scep-gateway:problem:conflict']);
    expect((await rest.post('end-entities/steps/status', { status: 'WAITINGFORADDAPPROVAL' })).status).toBe(409);
    const useless = await rest.post('end-entities/steps/status', { status: 'REVOKED', enrolmentCode: 'x' });
    expect(wrongFields(useless)).toEqual(['enrolmentCode']);
    expect(wrongFields(await rest.post('end-entities/steps/status', { status: 40 }))).toEqual(['status']);
    expect(wrongFields(await rest.post('end-entities/steps/status', {}))).toEqual(['status']);
    expect((await rest.get('end-entities/steps')).body['status']).toBe('GENERATED');
  });

  it('show their lockouts as long as they last, and are unlocked', async () => {
    await rest.post('end-entities', { username: 'locked', enrolmentCode: CODE });
    const until = new Date(clock.now().getTime() + 60_000);
    await dataSource.query("update end_entities set failed_attempts = 9, locked_until = $1 where username = 'locked'", [
      until,
    ]);
    await dataSource.query(
      `insert into failed_attempts (end_entity_id, source, failures, last_failure_at, locked_until)
       select id, '192.0.2.7', 5, $1, $2 from end_entities where username = 'locked'`,
      [clock.now(), until],
    );
    const locked = (await rest.get('end-entities/locked')).body;
    expect(locked).toMatchObject({ failedAttempts: 9, lockedUntil: until.toISOString() });
    expect(locked['failedSources']).toEqual([
      { source: '192.0.2.7', failures: 5, lastFailureAt: clock.now().toISOString(), lockedUntil: until.toISOString() },
    ]);
    clock.advance({ seconds: 60 });
    const over = (await rest.get('end-entities/locked')).body;
    expect(over).toMatchObject({ lockedUntil: null, failedSources: [{ failures: 5, lockedUntil: null }] });
    const unlocked = await rest.post('end-entities/locked/unlock');
    expect([unlocked.status, unlocked.body['failedAttempts'], unlocked.body['failedSources']]).toEqual([200, 0, []]);
    expect((await rest.post('end-entities/nobody/unlock')).status).toBe(404);
  });

  it('show the last sources that failed, however many there are', async () => {
    await rest.post('end-entities', { username: 'guessed', enrolmentCode: CODE });
    await dataSource.query(
      `insert into failed_attempts (end_entity_id, source, failures, last_failure_at)
       select id, '192.0.2.' || i, 1, $1::timestamptz + i * interval '1 second' from end_entities, generate_series(1, 50) i
       where username = 'guessed'`,
      [clock.now()],
    );
    const { failedSources } = (await rest.get('end-entities/guessed')).body;
    const sources = (failedSources as { source: string }[]).map(({ source }) => source);
    expect(sources).toEqual(Array.from({ length: 20 }, (_, i) => `192.0.2.${50 - i}`));
    expect(itemsOf(await rest.get('end-entities?username=guessed'))).toMatchObject([{ failedSources }]);
  });

  it('are renamed and keep their code', async () => {
    await rest.post('end-entities', { username: 'before', enrolmentCode: CODE });
    expect((await rest.post('end-entities/before/rename', { username: 'once' })).status).toBe(409);
    expect(wrongFields(await rest.post('end-entities/before/rename', { username: 'a b' }))).toEqual(['username']);
    const renamed = await rest.post('end-entities/before/rename', { username: 'after' });
    expect(renamed.body).toMatchObject({ username: 'after', subject: 'CN=before' });
    expect(await verifies('after', CODE)).toBe(true);
    expect((await rest.get('end-entities/before')).status).toBe(404);
  });

  it('are removed', async () => {
    await rest.post('end-entities', { username: 'removed', enrolmentCode: CODE });
    expect((await rest.delete('end-entities/removed')).status).toBe(204);
    expect((await rest.delete('end-entities/removed')).status).toBe(404);
  });

  it('are listed in the order of registration, page by page, and filtered', async () => {
    const whole = await rest.all('end-entities', 4);
    expect(whole.pages).toBe(Math.ceil(whole.items.length / 4));
    expect(new Set(whole.items.map(({ username }) => username as string)).size).toBe(whole.items.length);
    expect(whole.items[0]?.['username']).toMatch(/^early/);
    const usernames = async (query: string): Promise<string[]> =>
      itemsOf(await rest.get(`end-entities?${query}`)).map(({ username }) => username as string);
    expect(await usernames('username=rout')).toEqual(['router-1']);
    expect(await usernames('username=%25')).toEqual([]);
    expect(await usernames('status=GENERATED')).toEqual(['steps']);
    expect(await usernames('authority=Nobody')).toEqual([]);
    expect((await usernames('authority=Devices&limit=500')).length).toBe(whole.items.length);
    expect((await rest.get('end-entities?status=GONE')).status).toBe(400);
  });

  it('take the second of two at the same time for a mistake, not for a failure', async () => {
    const body = { username: 'twins', enrolmentCode: CODE };
    const answers = await Promise.all([1, 2, 3].map(() => rest.post('end-entities', body)));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
  });

  it('never show an enrolment code: not in answers, not in any table', async () => {
    clock.advance({ seconds: 1 });
    await rest.patch('end-entities/router-1', { enrolmentCode: `${CODE}-2` });
    clock.advance({ seconds: 1 });
    await rest.post('end-entities/router-1/status', { status: 'NEW', enrolmentCode: `${CODE}-3` });
    const answers = [await rest.get('end-entities?limit=500'), await rest.get('audit-events?limit=500')];
    for (const { text } of answers) expect(text).not.toContain(CODE);
    const tables = await dataSource.query<{ name: string }[]>(
      `select format('%I', c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where n.nspname = 'public' and c.relkind in ('r', 'p')`,
    );
    expect(tables.length).toBeGreaterThan(20);
    for (const { name } of tables) {
      const rows = await dataSource.query<{ row: string }[]>(`select t::text as row from ${name} t`);
      const hex = Buffer.from(CODE).toString('hex');
      for (const { row: content } of rows) expect(content.includes(CODE) || content.includes(hex)).toBe(false);
    }
    const events = itemsOf(await rest.get('audit-events?target=end-entities/router-1'));
    expect(events.map(({ action }) => action as string)).toEqual([
      'end-entity.status',
      'end-entity.change',
      'end-entity.create',
    ]);
    expect(events[1]?.['details']).toEqual({ enrolmentCode: 'changed' });
  });
});
