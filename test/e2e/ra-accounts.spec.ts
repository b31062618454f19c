import { RaAccountLogin } from '../../src/ra-accounts/ra-account.login';
import { CommandLine } from '../support/command-line';
import { FixedClock } from '../support/fixed-clock';
import { createAuthority, itemsOf, RestClient, wrongFields } from '../support/rest-client';
import { startGateway, type TestGateway } from '../support/start-gateway';

describe('RA accounts', () => {
  const clock = new FixedClock();
  let gateway: TestGateway;
  let rest: RestClient;
  let command: CommandLine;
  let login: RaAccountLogin;

  beforeAll(async () => {
    gateway = await startGateway({ clock });
    rest = new RestClient(gateway);
    command = new CommandLine({ SCEP_GATEWAY_URL: gateway.adminUrl, SCEP_GATEWAY_TOKEN: gateway.adminToken });
    login = gateway.application.get(RaAccountLogin, { strict: false });
    await createAuthority(gateway, 'Devices');
    for (const name of ['phones', 'laptops']) await rest.post('aliases', { name });
  });

  afterAll(async () => {
    await gateway.close();
  });

  const create = async (name: string, more: object = {}): Promise<string> => {
    const { status, body } = await rest.post('ra-accounts', { name, ...more });
    expect(status).toBe(201);
    return body['password'] as string;
  };

  it('are made with a password that is seen this once', async () => {
    const answer = await rest.post('ra-accounts', { name: 'mdm', description: 'The MDM', aliases: ['phones'] });
    expect([answer.status, answer.headers.get('location')]).toEqual([201, '/api/v1/ra-accounts/mdm']);
    const { password, ...account } = answer.body as { password: string };
    expect(password).toMatch(/^[A-Za-z0-9_-]{32}$/);
    const now = clock.now().toISOString();
    expect(account).toEqual({
      ...{ name: 'mdm', description: 'The MDM', enabled: true, aliases: ['phones'], lastUsedAt: null },
      ...{ createdAt: now, updatedAt: now },
    });
    expect((await rest.get('ra-accounts/mdm')).body).toEqual(account);
    expect(itemsOf(await rest.get('ra-accounts'))).toEqual([account]);
    expect((await rest.get('audit-events')).text).not.toContain(password);
    expect((await rest.post('ra-accounts', { name: 'mdm' })).status).toBe(409);
  });

  it('open by name, whatever domain is said, and password', async () => {
    const password = await create('svc');
    for (const name of ['svc', 'SVC', 'CORP\\svc', 'svc@corp.example'])
      expect((await login.attempt(name, password)).holder?.name).toBe('svc');
    expect(await login.attempt('svc', `${password} `)).toEqual({ known: 'svc', disabled: false });
    expect(await login.attempt('svc', '')).toEqual({ known: 'svc', disabled: false });
    for (const name of ['', 'svcs', 'svc\0', '%']) expect((await login.attempt(name, password)).holder).toBeUndefined();
    const other = await create('svc-2');
    expect((await login.attempt('svc', other)).holder).toBeUndefined();
  });

  it('are shut when they are disabled, when they have a new password, and when they are gone', async () => {
    // Events of one moment have no order.
    const tick = (): void => {
      clock.advance({ seconds: 1 });
    };
    const password = await create('former');
    tick();
    await rest.patch('ra-accounts/former', { enabled: false });
    expect(await login.attempt('former', password)).toEqual({ known: 'former', disabled: true });
    tick();
    await rest.patch('ra-accounts/former', { enabled: null });
    expect((await login.attempt('former', password)).holder).toBeDefined();
    tick();
    const renewed = (await rest.post('ra-accounts/former/password')).body['password'] as string;
    expect((await login.attempt('former', password)).holder).toBeUndefined();
    expect((await login.attempt('former', renewed)).holder).toBeDefined();
    tick();
    expect((await rest.post('ra-accounts/former/rename', { name: 'newer' })).status).toBe(200);
    expect((await login.attempt('newer', renewed)).holder).toBeDefined();
    tick();
    expect((await rest.delete('ra-accounts/newer')).status).toBe(204);
    expect((await login.attempt('newer', renewed)).holder).toBeUndefined();
    const actions = itemsOf(await rest.get('audit-events')).slice(0, 5);
    expect(actions.map(({ action, target }) => [action as string, target as string]).reverse()).toEqual([
      ['ra-account.change', 'ra-accounts/former'],
      ['ra-account.change', 'ra-accounts/former'],
      ['ra-account.password', 'ra-accounts/former'],
      ['ra-account.rename', 'ra-accounts/former'],
      ['ra-account.delete', 'ra-accounts/newer'],
    ]);
  });

  it('follow an alias that is renamed, and forget one that is gone', async () => {
    await rest.post('aliases', { name: 'tablets' });
    await create('helpdesk', { aliases: ['tablets', 'phones'] });
    await rest.post('aliases/tablets/rename', { name: 'pads' });
    expect((await rest.get('ra-accounts/helpdesk')).body['aliases']).toEqual(['pads', 'phones']);
    await rest.delete('aliases/pads');
    expect((await rest.get('ra-accounts/helpdesk')).body['aliases']).toEqual(['phones']);
  });

  it.each([
    ['a name in upper case', { name: 'MDM' }, ['name']],
    ['a name with a domain', { name: 'corp\\mdm' }, ['name']],
    ['a name that begins with a dot', { name: '.mdm' }, ['name']],
    ['a password of ours', { name: 'x', password: 'secret' }, ['password']],
    ['an alias that is none', { name: 'x', aliases: ['phones', 'nobody'] }, ['aliases[1]']],
    ['an alias twice', { name: 'x', aliases: ['phones', 'phones'] }, ['aliases']],
  ])('are not made with %s', async (_, body, fields) => {
    expect(wrongFields(await rest.post('ra-accounts', body))).toEqual(fields);
    expect((await rest.get('ra-accounts/x')).status).toBe(404);
  });

  it('are kept by command too', async () => {
    const password = (await command.done(['ra-account', 'create', 'ci', '--alias', 'phones'])).trimEnd();
    expect((await login.attempt('ci', password)).holder?.aliasIds.size).toBe(1);
    await command.done(['ra-account', 'change', 'ci', '--alias', 'laptops', '--alias', 'phones', '--enabled', 'false']);
    expect(await command.json(['ra-account', 'show', 'ci'])).toMatchObject({
      ...{ enabled: false, aliases: ['laptops', 'phones'] },
    });
    expect(await command.done(['ra-account', 'list'])).toMatch(/^ci +false +laptops,phones( |$)/m);
    const renewed = (await command.done(['ra-account', 'password', 'ci'])).trimEnd();
    expect(renewed).toMatch(/^[A-Za-z0-9_-]{32}$/);
    await command.done(['ra-account', 'rename', 'ci', 'cd']);
    await command.done(['ra-account', 'delete', 'cd']);
    expect((await rest.get('ra-accounts/cd')).status).toBe(404);
  });
});
