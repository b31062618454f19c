import { AliasCatalogue } from '../../src/aliases/alias-catalogue';
import { ALIAS_DEFAULTS } from '../../src/aliases/alias';
import { OpenAliasWarning } from '../../src/startup/open-alias-warning';
import type { Logger } from '../../src/common/logger';
import { CommandLine } from '../support/command-line';
import { enrolmentContract } from '../support/enrolment-contract';
import { enrolmentScene, type EnrolmentScene } from '../support/enrolment-scene';
import { FakeService } from '../support/fake-service';
import { visitNdesPage } from '../support/ndes-visit';
import { itemsOf, RestClient, wrongFields } from '../support/rest-client';

let scene: EnrolmentScene;
let rest: RestClient;

beforeAll(async () => {
  scene = await enrolmentScene();
  rest = new RestClient(scene.gateway);
  await scene.createAlias('static', { challenge: { kind: 'static', password: 'Static-1' } });
  await scene.createAlias('static-2', { challenge: { kind: 'static', password: 'Static-2' } });
  const daily = { timeZone: 'Europe/Berlin', overlap: '2h' };
  for (const name of ['daily', 'daily-2']) await scene.createAlias(name, { challenge: { kind: 'daily', daily } });
  for (const name of ['otp', 'otp-2']) await scene.createAlias(name, { challenge: { kind: 'one-time' } });
  await scene.createAlias('open', { challenge: { kind: 'open' } });
});
afterAll(() => scene.close());

const register = (username: string): Promise<void> => scene.register(username, 'not asked for');
const today = async (alias: string): Promise<string> =>
  (await rest.get(`aliases/${alias}/challenges/daily`)).body['challengePassword'] as string;
const oneTime = async (alias: string, body: object = {}): Promise<string> =>
  (await rest.post(`aliases/${alias}/challenges`, body)).body['challengePassword'] as string;
const statusOf = async (username: string, challengePassword: string, alias: string): Promise<string> =>
  (await scene.enrol(`CN=${username}`, challengePassword, {}, alias)).pkiStatus;
const latestAudit = async (): Promise<Record<string, unknown>> =>
  itemsOf(await rest.get('audit-events?limit=1'))[0] as Record<string, unknown>;

describe('the kind end-entity', () => {
  enrolmentContract(() => ({
    scene,
    alias: 'scep',
    admit: async (username) => (await scene.register(username, `code of ${username}`), `code of ${username}`),
    foreign: async () => (await scene.register('somebody-else', 'code of somebody else'), 'code of somebody else'),
  }));
});

describe('the kind static', () => {
  enrolmentContract(() => ({
    scene,
    alias: 'static',
    admit: async (username) => (await register(username), 'Static-1'),
    foreign: () => Promise.resolve('Static-2'),
  }));
});

describe('the kind webhook', () => {
  let service: FakeService;
  const rightFor = (username: string): string => `passes-${username}`;

  beforeAll(async () => {
    service = await FakeService.start();
    service.behave(({ body }) => {
      const { endEntity, challengePassword } = JSON.parse(body) as { endEntity: string; challengePassword: string };
      return { body: { decision: challengePassword === rightFor(endEntity) ? 'allow' : 'deny' } };
    });
    const webhook = { url: service.url(), allowHttp: true, allowLoopback: true, secret: 'planted-secret' };
    await scene.createAlias('webhook', { challenge: { kind: 'webhook', webhook } });
  });
  afterAll(() => service.close());

  enrolmentContract(() => ({
    scene,
    alias: 'webhook',
    admit: async (username) => (await register(username), rightFor(username)),
    foreign: () => Promise.resolve(rightFor('somebody-else')),
  }));
});

describe('the kind daily', () => {
  enrolmentContract(() => ({
    scene,
    alias: 'daily',
    admit: async (username) => (await register(username), today('daily')),
    foreign: () => today('daily-2'),
  }));

  it('is read by administrators, and the audit log says who has read which day', async () => {
    scene.clock.advance({ seconds: 1 });
    const { status, body } = await rest.get('aliases/daily/challenges/daily');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      day: '2026-01-02',
      timeZone: 'Europe/Berlin',
      challengePassword: expect.stringMatching(/^[0-9a-z]{4}(-[0-9a-z]{4}){6}$/) as unknown,
      expiresAt: '2026-01-03T01:00:00.000Z',
    });
    const event = await latestAudit();
    expect(event).toMatchObject({
      actor: 'administrator',
      action: 'challenge.read',
      target: 'aliases/daily/challenges/daily',
      details: { day: '2026-01-02' },
    });
    expect(JSON.stringify(event)).not.toContain(body['challengePassword']);
  });

  it('changes at midnight, and for a while both are right', async () => {
    for (const n of [1, 2, 3, 4]) await register(`midnight-${n}`);
    scene.clock.set('2026-01-10T22:59:00Z');
    const before = await today('daily');
    scene.clock.set('2026-01-10T23:00:00Z');
    const after = await today('daily');
    expect(after).not.toBe(before);
    expect(await statusOf('midnight-1', before, 'daily')).toBe('SUCCESS');
    expect(await statusOf('midnight-2', after.toUpperCase().replaceAll('-', ''), 'daily')).toBe('SUCCESS');
    scene.clock.set('2026-01-11T00:59:59Z');
    expect(await statusOf('midnight-3', before, 'daily')).toBe('SUCCESS');
    scene.clock.set('2026-01-11T01:00:00Z');
    expect(await statusOf('midnight-4', before, 'daily')).toBe('FAILURE');
    expect((await scene.log())[0]).toMatchObject({ rule: 'challenge.daily.over' });
    expect(await statusOf('midnight-4', after, 'daily')).toBe('SUCCESS');
  });

  it('takes another key on demand', async () => {
    await register('rotated');
    const before = await today('daily-2');
    scene.clock.advance({ seconds: 1 });
    const { status, body } = await rest.post('aliases/daily-2/challenges/daily/rotate');
    expect(status).toBe(200);
    expect(body['challengePassword']).not.toBe(before);
    expect(await latestAudit()).toMatchObject({ action: 'challenge.rotate' });
    expect(await statusOf('rotated', before, 'daily-2')).toBe('FAILURE');
    expect(await statusOf('rotated', body['challengePassword'] as string, 'daily-2')).toBe('SUCCESS');
  });

  it('needs a time zone and an overlap that are such', async () => {
    const challenge = { kind: 'daily', daily: { timeZone: 'Europe/Nowhere', overlap: '1d' } };
    const answer = await rest.post('aliases', { name: 'nowhere', challenge });
    expect(wrongFields(answer)).toEqual(['challenge.daily.timeZone', 'challenge.daily.overlap']);
  });
});

describe('the kind one-time', () => {
  enrolmentContract(() => ({
    scene,
    alias: 'otp',
    admit: async (username) => (await register(username), oneTime('otp')),
    foreign: () => oneTime('otp-2'),
  }));

  it('is issued bound, listed without its value, and taken back', async () => {
    const binding = {
      subject: 'CN=bound',
      subjectAltNames: [{ type: 'dns', value: 'bound.example.org' }],
      certificateProfile: 'ENDUSER',
      username: 'bound',
    };
    const { status, body } = await rest.post('aliases/otp-2/challenges', { binding, lifetime: '10m' });
    expect(status).toBe(201);
    const { id, challengePassword } = body as { id: string; challengePassword: string };
    expect(challengePassword).toMatch(/^[A-Za-z0-9_-]{22}$/);
    const listed = await rest.get('aliases/otp-2/challenges');
    expect(listed.text).not.toContain(challengePassword);
    const issuedAt = scene.clock.now().toISOString();
    const expiresAt = new Date(scene.clock.now().getTime() + 600_000).toISOString();
    const expected = { id, ...binding, failedAttempts: 0, issuedBy: 'administrator', issuedAt, expiresAt };
    expect(itemsOf(listed)).toEqual(expect.arrayContaining([expected]));
    scene.clock.advance({ seconds: 1 });
    expect((await rest.delete(`aliases/otp-2/challenges/${id}`)).status).toBe(204);
    expect((await rest.delete(`aliases/otp-2/challenges/${id}`)).status).toBe(409);
    expect((await rest.delete(`aliases/otp/challenges/${id}`)).status).toBe(404);
    expect((await rest.delete('aliases/otp/challenges/no-id')).status).toBe(404);
    expect(await latestAudit()).toMatchObject({ action: 'challenge.revoke' });
  });

  it.each([
    ['a longer life than the alias has for them', { lifetime: '2h' }, ['lifetime']],
    ['no life', { lifetime: '0s' }, ['lifetime']],
    ['a subject that is none', { binding: { subject: 'none' } }, ['binding.subject']],
    ['a profile that is none', { binding: { certificateProfile: 'NONE' } }, ['binding.certificateProfile']],
    ['a field that is none', { binding: { sbject: 'CN=a' } }, ['binding.sbject']],
    ['a user name with a blank', { binding: { username: 'a b' } }, ['binding.username']],
  ])('is not issued with %s', async (_, body, fields) => {
    expect(wrongFields(await rest.post('aliases/otp/challenges', body))).toEqual(fields);
  });

  it('is limited in number', async () => {
    await scene.createAlias('few', { challenge: { kind: 'one-time', oneTime: { maximum: 1, format: 'hex16' } } });
    expect(await oneTime('few')).toMatch(/^[0-9A-F]{16}$/);
    expect(await rest.post('aliases/few/challenges', {})).toMatchObject({ status: 409 });
  });

  it.each([
    ['static', 'post', 'aliases/static/challenges', 409],
    ['daily', 'post', 'aliases/daily/challenges', 409],
    ['one-time', 'get', 'aliases/otp/challenges/daily', 409],
    ['no alias', 'post', 'aliases/none/challenges', 404],
    ['no alias', 'get', 'aliases/none/challenges', 404],
  ] as const)('is not to be had of another kind: %s', async (_, method, path, status) => {
    const answer = method === 'get' ? await rest.get(path) : await rest.post(path, {});
    expect(answer).toMatchObject({ status });
  });

  it.each([
    ['a short challenge for long', { format: 'hex16', lifetime: '2d' }, ['challenge.oneTime.lifetime']],
    ['many short ones', { format: 'hex16', maximum: 1001 }, ['challenge.oneTime.maximum']],
    ['a lifetime that is none', { lifetime: 'long' }, ['challenge.oneTime.lifetime']],
  ])('settings that go too far are refused: %s', async (_, settings, fields) => {
    const answer = await rest.post('aliases', { name: 'far', challenge: { kind: 'one-time', oneTime: settings } });
    expect(wrongFields(answer)).toEqual(fields);
  });
});

describe('an MDM server that asks by a webhook', () => {
  const EVENT = JSON.stringify({ webhook: { id: 1, webhookEvent: 'SCEPChallenge', name: 'SCEPChallenge' }, event: {} });
  const ask = async (
    alias: string,
    credentials: string | undefined,
    body = EVENT,
    method = 'POST',
  ): Promise<{ status: number; text: string; type: string | null }> => {
    const authorization = credentials && `Basic ${Buffer.from(credentials).toString('base64')}`;
    const response = await fetch(`${scene.gateway.adminUrl}/scep-challenge/${alias}`, {
      method,
      headers: { 'content-type': 'application/json', ...(authorization && { authorization }) },
      ...(method === 'POST' && { body }),
    });
    const type = response.headers.get('content-type');
    return { status: response.status, text: await response.text(), type };
  };
  let account: string;
  beforeAll(async () => {
    const { body } = await rest.post('ra-accounts', { name: 'mdm', aliases: ['otp', 'static'] });
    account = `mdm:${body['password'] as string}`;
  });

  it('gets a challenge as bare text, and its device a certificate', async () => {
    scene.clock.advance({ seconds: 1 });
    const { status, text, type } = await ask('otp', account);
    expect([status, type]).toEqual([200, 'text/plain; charset=utf-8']);
    expect(text).toMatch(/^[A-Za-z0-9_-]{22}$/);
    expect(await latestAudit()).toMatchObject({ actor: 'ra-account:mdm', action: 'challenge.issue' });
    await register('by-webhook');
    expect(await statusOf('by-webhook', text, 'otp')).toBe('SUCCESS');
  });

  it('may show the administrator token instead', async () => {
    expect(await ask('otp', `any:${scene.gateway.adminToken}`)).toMatchObject({ status: 200 });
  });

  it.each([
    ['without credentials', 'otp', 'none', 401],
    ['with wrong ones', 'otp', 'wrong', 401],
    ['for an alias that is not its own', 'otp-2', 'own', 403],
    ['for no alias', 'none', 'own', 403],
    ['for an alias of another kind', 'static', 'own', 409],
  ])('gets none %s', async (_, alias, who, status) => {
    const credentials = who === 'none' ? undefined : who === 'wrong' ? 'mdm:wrong' : account;
    expect(await ask(alias, credentials)).toMatchObject({ status });
  });

  it.each([
    ['another event', '{"webhook":{"webhookEvent":"ComputerAdded"}}'],
    ['a body without end', EVENT.padEnd(100_000)],
    ['no body', ''],
  ])('gets none for %s', async (_, body) => {
    expect(await ask('otp', account, body)).toMatchObject({ status: 400 });
  });

  it('a page of another server makes a browser use up none, by the password that the browser knows', async () => {
    const visit = { path: '/scep-challenge/otp', method: 'POST', credentials: account };
    const headers = { 'content-length': '0', 'sec-fetch-site': 'cross-site' };
    expect((await visitNdesPage(scene.gateway.adminUrl, { ...visit, headers })).status).toBe(403);
  });

  it('gets none by GET, nor on the side of devices', async () => {
    expect(await ask('otp', account, '', 'GET')).toMatchObject({ status: 405 });
    const response = await fetch(`${scene.gateway.publicUrl}/scep-challenge/otp`, { method: 'POST', body: EVENT });
    expect(response.status).toBe(404);
  });
});

describe('the command line', () => {
  let command: CommandLine;
  beforeAll(() => {
    command = new CommandLine({
      SCEP_GATEWAY_URL: scene.gateway.adminUrl,
      SCEP_GATEWAY_TOKEN: scene.gateway.adminToken,
    });
  });

  it('issues, lists and revokes one-time challenges', async () => {
    await scene.createAlias('cli', { challenge: { kind: 'one-time' } });
    const bound = [
      '--subject',
      'CN=cli-1',
      '--san',
      'dns:cli-1.example.org',
      '--username',
      'cli-1',
      '--lifetime',
      '5m',
    ];
    const issued = (await command.json(['challenge', 'issue', 'cli', ...bound])) as Record<string, string>;
    expect(issued['challengePassword']).toMatch(/^[A-Za-z0-9_-]{22}$/);
    expect(await command.done(['challenge', 'list', 'cli'])).toMatch(new RegExp(`${issued['id']!} +CN=cli-1 +cli-1`));
    await command.done(['challenge', 'revoke', 'cli', issued['id']!]);
    expect(await command.json(['challenge', 'list', 'cli'])).toEqual([]);
    expect(await command.done(['challenge', 'issue', 'cli'])).toMatch(/challengePassword +[A-Za-z0-9_-]{22}\n/);
  });

  it('shows the challenge of today, and takes another', async () => {
    const shown = await command.done(['challenge', 'today', 'daily']);
    expect(shown).toContain(await today('daily'));
    const rotated = (await command.json(['challenge', 'rotate', 'daily'])) as Record<string, string>;
    expect(shown).not.toContain(rotated['challengePassword']);
    expect(await today('daily')).toBe(rotated['challengePassword']);
  });
});

describe('the kind open', () => {
  it('asks for nothing', async () => {
    await register('anybody-1');
    await register('anybody-2');
    expect(await statusOf('anybody-1', '', 'open')).toBe('SUCCESS');
    expect(await statusOf('anybody-2', 'whatever', 'open')).toBe('SUCCESS');
  });

  it('is warned of wherever the alias is shown, and at each start', async () => {
    const warning = expect.stringMatching(/^challenge\.kind is open: whoever/) as unknown;
    expect((await rest.get('aliases/open')).body['warnings']).toEqual([warning]);
    expect((await rest.get('aliases/daily')).body['warnings']).toEqual([]);
    const lines: unknown[] = [];
    const logger = { warn: (...line: unknown[]) => lines.push(line) } as unknown as Logger;
    await new OpenAliasWarning(scene.gateway.application.get(AliasCatalogue, { strict: false }), logger).run();
    expect(lines).toEqual([[{ alias: 'open' }, warning]]);
  });

  it('is nothing that happens by itself', async () => {
    expect(ALIAS_DEFAULTS.challenge.kind).toBe('end-entity');
    for (const kind of ['', 'none', 'OPEN', null])
      expect([400, 201]).toContain(
        (await rest.post('aliases', { name: `k-${String(kind)}x`, challenge: { kind } })).status,
      );
    expect((await rest.get('aliases/k-nullx')).body).toMatchObject({ challenge: { kind: 'end-entity' } });
    expect((await rest.get('aliases/k-OPENx')).status).toBe(404);
  });
});

it('no message type that is no enrolment uses a challenge up (CVE-2026-30836)', async () => {
  await register('type-18');
  const challenge = await oneTime('otp');
  const { bytes } = await scene.message('CN=type-18', challenge, {}, 'otp');
  // messageType 19 as a PrintableString, made 18: the signature breaks as well, and a certificate is not to be had.
  const at = bytes.indexOf(Buffer.from('13023139', 'hex'));
  expect(at).toBeGreaterThan(0);
  const forged = Buffer.from(bytes);
  forged.write('18', at + 2);
  const before = await scene.certificates();
  await scene.post(forged, 'otp');
  expect(await scene.certificates()).toBe(before);
  expect(await statusOf('type-18', challenge, 'otp')).toBe('SUCCESS');
});
