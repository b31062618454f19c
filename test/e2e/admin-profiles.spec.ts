import { DataSource } from 'typeorm';
import { CERTIFICATE_PROFILE_DEFAULTS } from '../../src/profiles/certificate-profile';
import { END_ENTITY_PROFILE_DEFAULTS } from '../../src/profiles/end-entity-profile';
import { ProfileCatalogue } from '../../src/profiles/profile-catalogue';
import { createAuthority, createDefaultProfiles, itemsOf, RestClient, wrongFields } from '../support/rest-client';
import { startGateway, type TestGateway } from '../support/start-gateway';

const KINDS = [
  {
    path: 'certificate-profiles',
    defaults: CERTIFICATE_PROFILE_DEFAULTS,
    change: { validity: '90d' },
    wrong: { validity: 'x' },
    wrongField: 'validity',
  },
  {
    path: 'end-entity-profiles',
    defaults: END_ENTITY_PROFILE_DEFAULTS,
    change: { requiredSubjectAttributes: ['CN'] },
    wrong: { requiredSubjectAttributes: ['nothing'] },
    wrongField: 'requiredSubjectAttributes[0]',
  },
];

describe.each(KINDS)('$path', ({ path, defaults, change, wrong, wrongField }) => {
  let gateway: TestGateway;
  let rest: RestClient;

  beforeAll(async () => {
    gateway = await startGateway();
    rest = new RestClient(gateway);
  });

  afterAll(async () => {
    await gateway.close();
  });

  it('need only a name and show every default', async () => {
    const created = await rest.post(path, { name: 'Routers & Switches' });
    expect(created.status).toBe(201);
    expect(created.headers.get('location')).toBe(`/api/v1/${path}/Routers%20%26%20Switches`);
    const moment = '2026-01-02T03:04:05.000Z';
    const whole = { name: 'Routers & Switches', ...defaults, createdAt: moment, updatedAt: moment };
    expect(created.body).toEqual(whole);
    expect((await rest.get(`${path}/Routers%20%26%20Switches`)).body).toEqual(whole);
  });

  it('exist once per name', async () => {
    await rest.post(path, { name: 'twice' });
    const again = await rest.post(path, { name: 'twice' });
    expect([again.status, again.body['type']]).toEqual([409, 'urn:scep-gateway:problem:already-exists']);
  });

  it('are changed in part by PATCH, and null brings the default back', async () => {
    await rest.post(path, { name: 'patched', description: 'first', ...change });
    const patched = await rest.patch(`${path}/patched`, { description: 'second' });
    expect(patched.body).toMatchObject({ ...defaults, ...change, description: 'second' });
    const cleared = await rest.patch(
      `${path}/patched`,
      Object.fromEntries(Object.keys(change).map((key) => [key, null])),
    );
    expect(cleared.body).toMatchObject({ ...defaults, description: 'second' });
  });

  it('are replaced as a whole by PUT', async () => {
    await rest.post(path, { name: 'replaced', description: 'gone' });
    expect((await rest.put(`${path}/replaced`, change)).body).toMatchObject({ ...defaults, ...change });
    expect((await rest.put(`${path}/nobody`, change)).status).toBe(404);
  });

  it('are changed by two patches at once without losing one', async () => {
    await rest.post(path, { name: 'raced' });
    await Promise.all([rest.patch(`${path}/raced`, { description: 'a' }), rest.patch(`${path}/raced`, change)]);
    expect((await rest.get(`${path}/raced`)).body).toMatchObject({ ...change, description: 'a' });
  });

  it('refuse wrong input, by field', async () => {
    expect(wrongFields(await rest.post(path, { name: 'wrong', ...wrong }))).toEqual([wrongField]);
    expect(wrongFields(await rest.post(path, { name: 'wrong', unknown: 1 }))).toEqual(['unknown']);
    expect(wrongFields(await rest.post(path, {}))).toEqual(['name']);
    for (const name of ['', ' a', 'a ', 'a/b', 'a\nb', 'a\0b', '\u202eb', 'x'.repeat(65), 7])
      expect(wrongFields(await rest.post(path, { name }))).toEqual(['name']);
    expect(wrongFields(await rest.post(path, { name: 'wrong', description: 'a\0b' }))).toEqual(['description']);
    expect(wrongFields(await rest.post(path, { name: 'wrong', description: 'a\ud800b' }))).toEqual(['description']);
    await rest.post(path, { name: 'right' });
    expect(wrongFields(await rest.patch(`${path}/right`, wrong))).toEqual([wrongField]);
    expect((await rest.get(`${path}/wrong`)).status).toBe(404);
  });

  it('are renamed', async () => {
    await rest.post(path, { name: 'before', ...change });
    await rest.post(path, { name: 'taken' });
    expect((await rest.post(`${path}/before/rename`, { name: 'taken' })).status).toBe(409);
    expect((await rest.post(`${path}/before/rename`, { name: 'after' })).body).toMatchObject({
      name: 'after',
      ...change,
    });
    expect((await rest.get(`${path}/before`)).status).toBe(404);
    expect((await rest.post(`${path}/before/rename`, { name: 'later' })).status).toBe(404);
  });

  it('are listed by name, page by page', async () => {
    for (const name of ['list-c', 'list-a', 'list-B']) await rest.post(path, { name });
    const { items, pages } = await rest.all(path, 2);
    const names = items.map(({ name }) => name as string);
    expect(names).toEqual([...names].sort());
    expect(names).toEqual(expect.arrayContaining(['list-B', 'list-a', 'list-c']));
    expect(pages).toBe(Math.ceil(names.length / 2));
  });

  it('are removed when nobody uses them', async () => {
    await rest.post(path, { name: 'removed' });
    expect((await rest.delete(`${path}/removed`)).status).toBe(204);
    expect((await rest.delete(`${path}/removed`)).status).toBe(404);
  });

  it('leave a trace in the audit log', async () => {
    await rest.post(path, { name: 'traced' });
    await rest.patch(`${path}/traced`, change);
    await rest.post(`${path}/traced/rename`, { name: 'traced 2' });
    await rest.delete(`${path}/traced 2`);
    const resource = path.slice(0, -1);
    const events = itemsOf(await rest.get('audit-events?limit=500')).filter(({ target }) =>
      (target as string).startsWith(`${path}/traced`),
    );
    expect(new Set(events.map(({ action }) => action as string))).toEqual(
      new Set(['create', 'change', 'rename', 'delete'].map((verb) => `${resource}.${verb}`)),
    );
    expect(new Set(events.map(({ actor }) => actor as string))).toEqual(new Set(['administrator']));
    const changed = events.find(({ action }) => action === `${resource}.change`);
    expect(changed?.['details']).toEqual({ from: {}, to: change });
  });
});

describe('profiles that end entities use', () => {
  let gateway: TestGateway;
  let rest: RestClient;

  beforeAll(async () => {
    gateway = await startGateway({ environment: { LOG_LEVEL: 'silent' } });
    rest = new RestClient(gateway);
    await createDefaultProfiles(gateway);
    await createAuthority(gateway, 'Devices');
    await rest.post('end-entities', { username: 'a', enrolmentCode: 'b' });
  });

  afterAll(async () => {
    await gateway.close();
  });

  it('are not removed', async () => {
    for (const profile of ['certificate-profiles/ENDUSER', 'end-entity-profiles/EMPTY']) {
      const answer = await rest.delete(profile);
      expect([answer.status, answer.body['type']]).toEqual([409, 'urn:scep-gateway:problem:in-use']);
      expect((await rest.get(profile)).status).toBe(200);
    }
  });

  it('are seen by the device path at once when they change, and not used when they cannot be read', async () => {
    const catalogue = gateway.application.get(ProfileCatalogue, { strict: false });
    const dataSource = await gateway.database.dataSource([]);
    const [row] = await dataSource.query<{ id: number }[]>(
      "select id from certificate_profiles where name = 'ENDUSER'",
    );
    const id = row!.id;
    await rest.patch('certificate-profiles/ENDUSER', { validity: '5d' });
    expect((await catalogue.get()).certificateProfileById(id).validityPeriod.days).toBe(5);
    await dataSource.query(`update certificate_profiles set settings = '{"fromTheFuture": true}' where id = $1`, [id]);
    await rest.patch('end-entity-profiles/EMPTY', { description: 'raises the version that this process has seen' });
    const profiles = await catalogue.get();
    expect(() => profiles.certificateProfileById(id)).toThrow('cannot be used');
    const shown = await rest.get('certificate-profiles/ENDUSER');
    expect([shown.status, shown.body['type']]).toEqual([409, 'urn:scep-gateway:problem:conflict']);
  });
});

describe('end entity profiles that name authorities and certificate profiles', () => {
  let gateway: TestGateway;
  let rest: RestClient;
  const register = (username: string, more: object = {}) =>
    rest.post('end-entities', { username, enrolmentCode: 'secret', endEntityProfile: 'ROUTERS', ...more });

  beforeAll(async () => {
    gateway = await startGateway();
    rest = new RestClient(gateway);
    for (const name of ['Devices', 'Others', 'Third']) await createAuthority(gateway, name);
    for (const name of ['VPN, old', 'TLS', 'SPARE']) await rest.post('certificate-profiles', { name });
    const created = await rest.post('end-entity-profiles', {
      name: 'ROUTERS',
      fixedSubject: 'O=Example',
      defaultSubjectAltNames: ['dns:${CN}.example.com'],
      authorities: ['Others', 'Devices'],
      certificateProfiles: ['VPN, old', 'TLS'],
      defaultAllowedRequests: 2,
      maximumAllowedRequests: 3,
    });
    expect(created.status).toBe(201);
  });

  afterAll(async () => {
    await gateway.close();
  });

  it('fill in what a registration does not say, the first of each list by default', async () => {
    const created = await register('r1');
    expect(created.body).toMatchObject({
      subject: 'CN=r1,O=Example',
      subjectAltNames: [{ type: 'dns', value: 'r1.example.com' }],
      authority: 'Others',
      certificateProfile: 'VPN, old',
      allowedRequests: 2,
      remainingRequests: 2,
    });
    // What is filled in once is no other value when the end entity is changed.
    const patched = await rest.patch('end-entities/r1', { allowedRequests: null, certificateProfile: 'TLS' });
    expect(patched.body).toMatchObject({ subject: 'CN=r1,O=Example', certificateProfile: 'TLS', allowedRequests: 2 });
  });

  it('refuse what they do not allow, by field', async () => {
    const wrong = { authority: 'Third', certificateProfile: 'SPARE', allowedRequests: 4, subject: 'CN=r2,O=Other' };
    const fields = ['subject', 'authority', 'certificateProfile', 'allowedRequests'];
    expect(wrongFields(await register('r2', wrong))).toEqual(fields);
    expect(wrongFields(await rest.patch('end-entities/r1', wrong))).toEqual(fields);
    const nothing = { name: 'X', authorities: ['Devices', 'Nobody'], certificateProfiles: ['NOTHING'] };
    expect(wrongFields(await rest.post('end-entity-profiles', nothing))).toEqual([
      'authorities[1]',
      'certificateProfiles[0]',
    ]);
    expect((await rest.get('end-entity-profiles/X')).status).toBe(404);
  });

  it('follow renames, also in what devices meet', async () => {
    await rest.post('certificate-profiles/TLS/rename', { name: 'TLS 2' });
    const shown = await rest.get('end-entity-profiles/ROUTERS');
    expect(shown.body).toMatchObject({
      authorities: ['Others', 'Devices'],
      certificateProfiles: ['VPN, old', 'TLS 2'],
    });
    const catalogue = gateway.application.get(ProfileCatalogue, { strict: false });
    const id = (
      await gateway.application
        .get(DataSource)
        .query<{ id: number }[]>("select id from end_entity_profiles where name = 'ROUTERS'")
    )[0]!.id;
    const profile = (await catalogue.get()).endEntityProfileById(id);
    expect(profile.certificateProfiles).toEqual(['VPN, old', 'TLS 2']);
  });

  it('keep what they name from being removed, until they name it no more', async () => {
    await rest.post('end-entity-profiles', { name: 'HOLDER', authorities: ['Third'], certificateProfiles: ['SPARE'] });
    for (const path of ['authorities/Third', 'certificate-profiles/SPARE'])
      expect((await rest.delete(path)).body['type']).toBe('urn:scep-gateway:problem:in-use');
    await rest.patch('end-entity-profiles/HOLDER', { authorities: null });
    await rest.delete('end-entity-profiles/HOLDER');
    for (const path of ['authorities/Third', 'certificate-profiles/SPARE'])
      expect((await rest.delete(path)).status).toBe(204);
    const [removed] = itemsOf(await rest.get('audit-events?action=end-entity-profile.delete&limit=500')).filter(
      ({ target }) => target === 'end-entity-profiles/HOLDER',
    );
    expect(removed).toMatchObject({ details: { settings: { certificateProfiles: ['SPARE'] } } });
  });
});
