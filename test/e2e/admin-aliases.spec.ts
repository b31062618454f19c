import { ALIAS_DEFAULTS } from '../../src/aliases/alias';
import { AliasCatalogue } from '../../src/aliases/alias-catalogue';
import { createAuthority, itemsOf, type JsonObject, RestClient, wrongFields } from '../support/rest-client';
import { startGateway, type TestGateway } from '../support/start-gateway';

describe('aliases', () => {
  let gateway: TestGateway;
  let rest: RestClient;

  beforeAll(async () => {
    gateway = await startGateway({ environment: { LOG_LEVEL: 'silent' } });
    rest = new RestClient(gateway);
  });

  afterAll(async () => {
    await gateway.close();
  });

  it('need an authority', async () => {
    expect(wrongFields(await rest.post('aliases', { name: 'early' }))).toEqual(['authorities']);
    expect((await rest.get('aliases/early')).status).toBe(404);
    expect(itemsOf(await rest.get('audit-events'))).toEqual([]);
  });

  it('need only a name where there is one authority, and show every default', async () => {
    await createAuthority(gateway, 'Devices');
    const created = await rest.post('aliases', { name: 'scep' });
    expect([created.status, created.headers.get('location')]).toEqual([201, '/api/v1/aliases/scep']);
    const moment = '2026-01-02T03:04:05.000Z';
    const whole = {
      name: 'scep',
      authorities: ['Devices'],
      ...ALIAS_DEFAULTS,
      warnings: [],
      unavailable: null,
      createdAt: moment,
      updatedAt: moment,
    };
    expect(created.body).toEqual(whole);
    expect((await rest.get('aliases/scep')).body).toEqual(whole);
  });

  it('have to name their authority where there are several, until one is ManagementCA', async () => {
    await createAuthority(gateway, 'Others');
    expect(wrongFields(await rest.post('aliases', { name: 'which' }))).toEqual(['authorities']);
    await createAuthority(gateway, 'ManagementCA');
    expect((await rest.post('aliases', { name: 'which' })).body['authorities']).toEqual(['ManagementCA']);
  });

  it('keep the order of their authorities', async () => {
    const created = await rest.post('aliases', { name: 'ordered', authorities: ['Others', 'Devices'] });
    expect(created.body['authorities']).toEqual(['Others', 'Devices']);
    const patched = await rest.patch('aliases/ordered', { authorities: ['Devices', 'ManagementCA', 'Others'] });
    expect(patched.body['authorities']).toEqual(['Devices', 'ManagementCA', 'Others']);
    expect((await rest.patch('aliases/ordered', { authorities: null })).body['authorities']).toEqual(['ManagementCA']);
  });

  it.each([
    [{ name: 'x', authorities: ['Devices', 'Nobody'] }, 'authorities[1]'],
    [{ name: 'x', authorities: ['devices'] }, 'authorities[0]'],
    [{ name: 'a b' }, 'name'],
    [{ name: 'pkiclient.exe' }, 'name'],
    [{ name: 'x'.repeat(33) }, 'name'],
    [{ name: '' }, 'name'],
    [{ name: 'ä' }, 'name'],
    [{ name: 'x', operationalMode: 'RA' }, 'ra.authenticationPassword'],
    [{ name: 'x', operationalMode: 'PROXY' }, 'operationalMode'],
    [{ name: 'x', ra: { certificateProfile: 'NOBODYS' } }, 'ra.certificateProfile'],
    [{ name: 'x', ra: { endEntityProfile: 'NOBODYS' } }, 'ra.endEntityProfile'],
    [{ name: 'x', ra: { authority: 'Nobody' } }, 'authorities[0]'],
    [{ name: 'x', ra: { nameGeneration: { scheme: 'LDAP' } } }, 'ra.nameGeneration.scheme'],
    [{ name: 'x', ra: { nameGeneration: { parameters: 'NOTHING' } } }, 'ra.nameGeneration.parameters'],
    [{ name: 'x', ra: { existingEndEntity: 'always' } }, 'ra.existingEndEntity'],
    [{ name: 'x', deviceProfile: 'cisco' }, 'deviceProfile'],
    [{ name: 'x', description: 'a\0' }, 'description'],
    [{ name: 'x', limits: { lockoutFor: 0 } }, 'limits.lockoutFor'],
  ])('refuse %j', async (body, field) => {
    expect(wrongFields(await rest.post('aliases', body))).toEqual([field]);
    expect((await rest.get('aliases/x')).status).toBe(404);
  });

  it('exist once per name, upper and lower case being different', async () => {
    await rest.post('aliases', { name: 'case', authorities: ['Devices'] });
    expect((await rest.post('aliases', { name: 'Case', authorities: ['Devices'] })).status).toBe(201);
    const again = await rest.post('aliases', { name: 'case', authorities: ['Devices'] });
    expect([again.status, again.body['type']]).toEqual([409, 'urn:scep-gateway:problem:already-exists']);
  });

  it('are changed in part by PATCH, nested fields too, and null brings defaults back', async () => {
    await rest.post('aliases', { name: 'patched', authorities: ['Devices'], limits: { failedAttempts: 3 } });
    const patched = await rest.patch('aliases/patched', {
      limits: { lockoutFor: 60 },
      algorithms: { accept: { digests: ['sha1', 'sha256'] } },
      enabled: false,
    });
    expect(patched.body).toMatchObject({
      enabled: false,
      limits: { failedAttempts: 3, lockoutFor: 60 },
      algorithms: { accept: { ...ALIAS_DEFAULTS.algorithms.accept, digests: ['sha1', 'sha256'] }, reply: 'mirror' },
      authorities: ['Devices'],
    });
    const cleared = await rest.patch('aliases/patched', {
      limits: { failedAttempts: null },
      algorithms: null,
      enabled: null,
    });
    expect(cleared.body).toMatchObject({
      enabled: true,
      limits: { failedAttempts: 5, lockoutFor: 60 },
      algorithms: ALIAS_DEFAULTS.algorithms,
    });
  });

  it('are replaced as a whole by PUT: what is not given has its default', async () => {
    await rest.post('aliases', { name: 'replaced', authorities: ['Devices'], description: 'gone', enabled: false });
    const replaced = await rest.put('aliases/replaced', { authorities: ['Others'], includeCaCertificate: 'chain' });
    expect(replaced.body).toMatchObject({ ...ALIAS_DEFAULTS, authorities: ['Others'], includeCaCertificate: 'chain' });
    expect(wrongFields(await rest.put('aliases/replaced', { includeCaCertificate: 'all' }))).toEqual([
      'includeCaCertificate',
    ]);
    expect((await rest.put('aliases/nobody', {})).status).toBe(404);
  });

  it('stay as they are when a change is refused', async () => {
    await rest.post('aliases', { name: 'safe', authorities: ['Devices'] });
    await rest.patch('aliases/safe', { description: 'new', authorities: ['Nobody'] });
    expect((await rest.get('aliases/safe')).body).toMatchObject({ description: '', authorities: ['Devices'] });
  });

  it('let templates stand for certificate profiles, which follow a rename and cannot be removed under them', async () => {
    for (const name of ['SERVER', 'DEVICE']) await rest.post('certificate-profiles', { name });
    const templates = ['Web Server=SERVER', '1.3.6.1.4.1.311.21.8.4567.1 = DEVICE'];
    const created = await rest.post('aliases', { name: 'windows', authorities: ['Devices'], templates });
    expect(created.body['templates']).toEqual(['Web Server=SERVER', '1.3.6.1.4.1.311.21.8.4567.1=DEVICE']);
    await rest.post('certificate-profiles/SERVER/rename', { name: 'TLS=SERVER' });
    const renamed = ['Web Server=TLS=SERVER', '1.3.6.1.4.1.311.21.8.4567.1=DEVICE'];
    expect((await rest.get('aliases/windows')).body['templates']).toEqual(renamed);
    expect((await rest.patch('aliases/windows', { description: 'x' })).body['templates']).toEqual(renamed);
    const inUse = await rest.delete('certificate-profiles/DEVICE');
    expect([inUse.status, inUse.body['type']]).toEqual([409, 'urn:scep-gateway:problem:in-use']);
    const unknown = { templates: ['User=TLS=SERVER', 'Computer=NOBODY'] };
    expect(wrongFields(await rest.patch('aliases/windows', unknown))).toEqual(['templates[1]']);
    expect((await rest.get('aliases/windows')).body['templates']).toEqual(renamed);
    const { body } = await rest.get('audit-events?target=aliases%2Fwindows');
    expect((body['items'] as JsonObject[]).map(({ details }) => details as JsonObject)).toContainEqual(
      expect.objectContaining({ to: expect.objectContaining({ templates: renamed }) }),
    );
    expect((await rest.patch('aliases/windows', { templates: null })).body['templates']).toEqual([]);
    expect((await rest.delete('certificate-profiles/DEVICE')).status).toBe(204);
  });

  it("answer on NDES's path one at most, even if two claim it at once", async () => {
    const claims = ['ndes-1', 'ndes-2', 'ndes-3'].map((name) =>
      rest.post('aliases', { name, authorities: ['Devices'], answersNdesPath: true }),
    );
    const statuses = (await Promise.all(claims)).map(({ status }) => status);
    expect(statuses.sort()).toEqual([201, 400, 400]);
    expect((await rest.patch('aliases/scep', { answersNdesPath: true })).status).toBe(400);
  });

  it('are renamed, and the device path follows at once', async () => {
    const catalogue = gateway.application.get(AliasCatalogue, { strict: false });
    await rest.post('aliases', { name: 'before', authorities: ['Devices', 'Others'] });
    const before = (await catalogue.get()).byName('before');
    expect(before).toMatchObject({ ...ALIAS_DEFAULTS, name: 'before', authorities: ['Devices', 'Others'] });
    expect(Object.isFrozen(before) && Object.isFrozen(before?.authorities)).toBe(true);
    expect((await rest.post('aliases/before/rename', { name: 'scep' })).status).toBe(409);
    expect((await rest.post('aliases/before/rename', { name: 'after' })).body).toMatchObject({ name: 'after' });
    expect((await catalogue.get()).byName('before')).toBeUndefined();
    expect((await catalogue.get()).byName('after')?.id).toBe(before?.id);
    expect((await rest.post('aliases/before/rename', { name: 'later' })).status).toBe(404);
  });

  it('keep their authorities from being removed', async () => {
    expect((await rest.get('aliases/scep')).body['authorities']).toEqual(['Devices']);
    const dataSource = await gateway.database.dataSource([]);
    await expect(dataSource.query("delete from authorities where name = 'Devices'")).rejects.toThrow(
      'alias_authorities_authority_id_fkey',
    );
  });

  it('are removed', async () => {
    await rest.post('aliases', { name: 'removed', authorities: ['Devices'] });
    expect((await rest.delete('aliases/removed')).status).toBe(204);
    expect((await rest.delete('aliases/removed')).status).toBe(404);
    expect((await gateway.application.get(AliasCatalogue, { strict: false }).get()).byName('removed')).toBeUndefined();
  });

  it('are listed by name, page by page', async () => {
    const { items, pages } = await rest.all('aliases', 3);
    const names = items.map(({ name }) => name as string);
    expect(names.length).toBeGreaterThan(6);
    expect(names).toEqual([...names].sort());
    expect(pages).toBe(Math.ceil(names.length / 3));
    expect(items[0]).toMatchObject({ limits: ALIAS_DEFAULTS.limits });
  });

  it('are not served when another version has stored what this one does not know', async () => {
    await rest.post('aliases', { name: 'future', authorities: ['Devices'] });
    const dataSource = await gateway.database.dataSource([]);
    await dataSource.query(`update aliases set settings = '{"mustBeApproved": true}' where name = 'future'`);
    await rest.patch('aliases/scep', { description: 'raises the version that this process has seen' });
    const catalogue = await gateway.application.get(AliasCatalogue, { strict: false }).get();
    expect(catalogue.byName('future')).toBeUndefined();
    expect(catalogue.byName('scep')).toBeDefined();
    expect((await rest.get('aliases/future')).status).toBe(409);
  });
});
