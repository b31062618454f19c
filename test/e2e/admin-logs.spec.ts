import { UndecodableCounter } from '../../src/requests/undecodable-counter';
import { enrolmentScene, type EnrolmentScene } from '../support/enrolment-scene';
import { itemsOf, RestClient, wrongFields } from '../support/rest-client';

const CODE = 'Enr0lment-c0de-to-be-found';
const GUESS = 'Gu3ss-that-is-a-secret-too';

describe('the request log', () => {
  let scene: EnrolmentScene;
  let rest: RestClient;

  beforeAll(async () => {
    scene = await enrolmentScene({ environment: { LOG_LEVEL: 'silent' } });
    rest = new RestClient(scene.gateway);
    await scene.register('router-1', CODE);
    await scene.enrol('CN=router-1', GUESS, { transactionID: 'first-try' });
    await scene.enrol('CN=router-1', CODE, { transactionID: 'second-try' });
    await scene.enrol('CN=nobody', CODE, { transactionID: 'third-try' });
  });

  afterAll(async () => {
    await scene.close();
  });

  const transactions = async (query: string): Promise<string[]> =>
    itemsOf(await rest.get(`requests?${query}`)).map(({ transactionID }) => transactionID as string);

  it('shows what came, the newest first, and by which rule it was decided', async () => {
    const items = itemsOf(await rest.get('requests'));
    expect(items.map(({ transactionID }) => transactionID as string)).toEqual(['third-try', 'second-try', 'first-try']);
    expect(items[2]).toMatchObject({
      alias: 'scep',
      source: '127.0.0.1',
      method: 'POST',
      messageType: 'PKCSReq',
      outcome: 'refused',
      failInfo: 'badRequest',
      errorCode: 'challenge-rejected',
      rule: expect.stringMatching(/challenge/),
      explanation: expect.stringContaining('router-1'),
      username: 'router-1',
      subject: 'CN=router-1',
      authority: 'Devices',
      serialNumber: null,
    });
    expect(items[1]).toMatchObject({
      outcome: 'issued',
      failInfo: null,
      serialNumber: expect.stringMatching(/^[0-9a-f]+$/),
    });
  });

  it('is filtered and comes in pages', async () => {
    expect(await transactions('transactionID=first-try')).toEqual(['first-try']);
    expect(await transactions('outcome=issued')).toEqual(['second-try']);
    expect(await transactions('username=router-1')).toEqual(['second-try', 'first-try']);
    expect(await transactions('alias=other')).toEqual([]);
    const [, second] = itemsOf(await rest.get('requests'));
    const moment = encodeURIComponent(second?.['receivedAt'] as string);
    expect(await transactions(`since=${moment}`)).toEqual(['third-try', 'second-try']);
    expect(await transactions(`until=${moment}`)).toEqual(['first-try']);
    const { items, pages } = await rest.all('requests', 1);
    expect([items.length, pages]).toEqual([3, 3]);
  });

  it('refuses filters that cannot be', async () => {
    expect(wrongFields(await rest.get('requests?outcome=good'))).toEqual(['outcome']);
    expect(wrongFields(await rest.get('requests?since=yesterday'))).toEqual(['since']);
    expect(wrongFields(await rest.get('requests?since=2026-01-01'))).toEqual(['since']);
    expect(wrongFields(await rest.get('requests?alias=%00'))).toEqual(['alias']);
    expect(wrongFields(await rest.get('requests?user=x'))).toEqual(['user']);
  });

  it('holds no challengePassword, right or wrong', async () => {
    const { text } = await rest.get('requests');
    expect(text).not.toContain(CODE);
    expect(text).not.toContain(GUESS);
  });

  it('shows the failed attempt at the end entity', async () => {
    await scene.register('router-2', CODE);
    await scene.enrol('CN=router-2', GUESS);
    const { body } = await rest.get('end-entities/router-2');
    expect(body).toMatchObject({ failedSources: [{ source: '127.0.0.1', failures: 1, lockedUntil: null }] });
  });

  it('counts what could not be decoded, by day, alias and cause', async () => {
    const counter = scene.gateway.application.get(UndecodableCounter, { strict: false });
    for (let i = 0; i < 3; i++) await scene.post(Buffer.from('garbage'));
    await counter.flush();
    await scene.post(Buffer.from('garbage'));
    await counter.flush();
    const items = itemsOf(await rest.get('requests/undecodable'));
    expect(items).toEqual([
      {
        day: '2026-01-02',
        alias: 'scep',
        cause: expect.stringMatching(/\w/),
        occurrences: 4,
        lastSource: '127.0.0.1',
        lastAt: scene.clock.now().toISOString(),
      },
    ]);
    expect(await transactions('transactionID=garbage')).toEqual([]);
    expect(itemsOf(await rest.get('requests/undecodable?alias=other'))).toEqual([]);
  });
});

describe('the audit log', () => {
  let scene: EnrolmentScene;
  let rest: RestClient;

  beforeAll(async () => {
    scene = await enrolmentScene();
    rest = new RestClient(scene.gateway);
    for (const username of ['a', 'b', 'c']) {
      scene.clock.advance({ seconds: 1 });
      await rest.post('end-entities', { username, enrolmentCode: CODE });
    }
  });

  afterAll(async () => {
    await scene.close();
  });

  it('tells who did what to what, the newest first, in pages', async () => {
    const { items } = await rest.all('audit-events?actor=administrator', 2);
    expect(items.map(({ target }) => target as string)).toEqual(['end-entities/c', 'end-entities/b', 'end-entities/a']);
    expect(items[0]).toMatchObject({
      actor: 'administrator',
      action: 'end-entity.create',
      occurredAt: scene.clock.now().toISOString(),
      details: { subject: 'CN=c', status: 'NEW', authority: 'Devices' },
    });
    expect(itemsOf(await rest.get('audit-events?action=authority.create'))).toHaveLength(1);
    const since = encodeURIComponent(scene.clock.now().toISOString());
    expect(itemsOf(await rest.get(`audit-events?since=${since}&actor=administrator`))).toHaveLength(1);
  });

  it('can only grow', async () => {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'])
      expect((await rest.send(method, 'audit-events', {})).status).toBe(404);
    const dataSource = await scene.gateway.database.dataSource([]);
    for (const statement of ["update audit_events set actor = 'x'", 'delete from audit_events'])
      await expect(dataSource.query(statement)).rejects.toThrow('append-only');
  });
});

describe('device profiles', () => {
  it('are shown by name', async () => {
    const scene = await enrolmentScene();
    const rest = new RestClient(scene.gateway);
    try {
      const { items, pages } = await rest.all('device-profiles', 3);
      expect(items.map(({ name }) => name as string)).toEqual(expect.arrayContaining(['certmonger', 'generic']));
      expect(pages).toBe(Math.ceil(items.length / 3));
      expect((await rest.get('device-profiles/generic')).body).toMatchObject({ emptyContent: 'absent' });
      expect((await rest.get('device-profiles/toString')).status).toBe(404);
    } finally {
      await scene.close();
    }
  });
});
