import { SECRET_MASK } from '../../src/aliases/alias-secrets';
import { statusOf } from '../support/approvals';
import { enrolmentScene, type EnrolmentScene } from '../support/enrolment-scene';
import { RestClient, wrongFields } from '../support/rest-client';
import { sql } from '../support/renewal';

const SECRET = 'correct horse battery staple';

let scene: EnrolmentScene;
let rest: RestClient;

beforeAll(async () => {
  scene = await enrolmentScene();
  rest = new RestClient(scene.gateway);
});

afterAll(() => scene.close());

const password = async (): Promise<unknown> =>
  ((await rest.get('aliases/mdm')).body['challenge'] as Record<string, unknown>)['password'];

describe('the secret of an alias', () => {
  it('has to be there before an alias that depends on it is served', async () => {
    const without = { name: 'mdm', challenge: { kind: 'static' } };
    expect(wrongFields(await rest.post('aliases', without))).toEqual(['challenge.password']);
    const blank = { ...without, challenge: { kind: 'static', password: ' \t' } };
    expect(wrongFields(await rest.post('aliases', blank))).toEqual(['challenge.password']);
    expect((await rest.post('aliases', { ...without, enabled: false })).status).toBe(201);
    expect(wrongFields(await rest.patch('aliases/mdm', { enabled: true }))).toEqual(['challenge.password']);
    const masked = { enabled: true, challenge: { password: SECRET_MASK } };
    expect(wrongFields(await rest.patch('aliases/mdm', masked))).toEqual(['challenge.password']);
    const given = await rest.patch('aliases/mdm', { enabled: true, challenge: { password: SECRET } });
    expect(given.status).toBe(200);
  });

  it('is masked wherever it could be seen', async () => {
    expect(await password()).toBe(SECRET_MASK);
    expect(JSON.stringify((await rest.get('audit-events')).body)).not.toContain(SECRET);
    const stored = await sql(
      scene,
      `select a.settings::text, encode(s.sealed, 'escape') as sealed
      from aliases a join alias_secrets s on s.alias_id = a.id`,
      [],
    );
    expect(stored).toHaveLength(1);
    expect(JSON.stringify(stored)).not.toContain(SECRET);
  });

  it('lets in who knows it, and says to others what it says to all', async () => {
    await scene.register('phone-1', 'its own code');
    expect(statusOf(await scene.enrol('CN=phone-1', 'its own code', {}, 'mdm'))).toBe('badRequest');
    expect(statusOf(await scene.enrol('CN=phone-1', SECRET_MASK, {}, 'mdm'))).toBe('badRequest');
    const refused = await scene.enrol('CN=phone-1', '', {}, 'mdm');
    expect(statusOf(refused)).toBe('badRequest');
    expect(statusOf(await scene.enrol('CN=phone-1', SECRET, {}, 'mdm'))).toBe('SUCCESS');
    const rules = (await rest.get('requests?username=phone-1')).body['items'] as { rule: string | null }[];
    expect(rules.map(({ rule }) => rule)).toEqual([null, 'challenge.missing', 'challenge.wrong', 'challenge.wrong']);
  });

  it('is kept by a mask, replaced by another one, and gone with null', async () => {
    const read = (await rest.get('aliases/mdm')).body;
    const derived = ['name', 'warnings', 'unavailable', 'createdAt', 'updatedAt'];
    const settings = Object.fromEntries(Object.entries(read).filter(([field]) => !derived.includes(field)));
    expect((await rest.put('aliases/mdm', settings)).status).toBe(200);
    await scene.register('phone-2', 'its own code');
    await rest.patch('aliases/mdm', { challenge: { password: 'another' } });
    expect(statusOf(await scene.enrol('CN=phone-2', SECRET, {}, 'mdm'))).toBe('badRequest');
    await rest.patch('aliases/mdm', { challenge: { password: SECRET } });
    expect(statusOf(await scene.enrol('CN=phone-2', SECRET, {}, 'mdm'))).toBe('SUCCESS');
    expect((await rest.patch('aliases/mdm', { enabled: false, challenge: { password: null } })).status).toBe(200);
    expect(await password()).toBe('');
    expect(await sql(scene, 'select from alias_secrets', [])).toEqual([]);
    const events = (await rest.get('audit-events?target=aliases/mdm')).body['items'] as { details: object }[];
    // All of them at the same moment, so in no order: made without, given, read and written, replaced twice, taken away.
    const changes = events.flatMap(({ details }) => ('changedSecrets' in details ? [details.changedSecrets] : []));
    expect([events.length, changes]).toEqual([6, Array.from({ length: 4 }, () => ['challenge.password'])]);
  });
});
