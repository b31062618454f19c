import { FAILURE_WINDOW_MS, MAX_FAILURES } from '../../src/listeners/failure-limit';
import { enrolmentScene, type EnrolmentScene } from '../support/enrolment-scene';
import { manageEngine, ntlmRelay } from '../support/ndes-scrapers';
import { visitNdesPage, type NdesVisit, type NdesVisitOptions } from '../support/ndes-visit';
import { itemsOf, RestClient } from '../support/rest-client';

const SHARED = 'shared-by-all-phones';

describe("NDES's page", () => {
  let scene: EnrolmentScene;
  let rest: RestClient;
  let administrator: string;

  const visit = (options: NdesVisitOptions = {}): Promise<NdesVisit> =>
    visitNdesPage(scene.gateway.adminUrl, { credentials: administrator, ...options });

  const account = async (name: string, aliases: readonly string[]): Promise<string> => {
    const { body } = await rest.post('ra-accounts', { name, aliases });
    return `${name}:${body['password'] as string}`;
  };

  beforeAll(async () => {
    scene = await enrolmentScene({ environment: { LOG_LEVEL: 'silent' } });
    rest = new RestClient(scene.gateway);
    administrator = `anybody:${scene.gateway.adminToken}`;
    await scene.createAlias('phones', {
      challenge: { kind: 'static', password: SHARED },
      ndes: { showStaticPassword: true, encoding: 'utf-8' },
    });
  });

  afterAll(async () => {
    await scene.close();
  });

  // Failures of one test shall not keep out the next.
  afterEach(() => {
    scene.clock.advance({ milliseconds: FAILURE_WINDOW_MS });
  });

  describe('who may see it', () => {
    it('asks for a name and a password by Basic, never by what could be relayed', async () => {
      const { status, headers, text } = await visitNdesPage(scene.gateway.adminUrl);
      expect([status, headers['www-authenticate']]).toEqual([401, 'Basic realm="SCEP enrollment", charset="UTF-8"']);
      expect(text).not.toContain('password is');
    });

    it.each([
      ['NTLM', 'NTLM TlRMTVNTUAABAAAAB4IIogAAAAAAAAAAAAAAAAAAAAAKAFopAAAADw=='],
      ['Negotiate', 'Negotiate YIIJvwYGKwYBBQUCoIIJszCCCa+gMDAuBgkqhkiC9xIBAgI='],
      ['a bearer token', 'Bearer test-administrator-token'],
      ['Basic without a colon', `Basic ${Buffer.from('test-administrator-token').toString('base64')}`],
    ])('takes no %s', async (_, authorization) => {
      const { status, headers } = await visitNdesPage(scene.gateway.adminUrl, { headers: { authorization } });
      expect([status, headers['www-authenticate']]).toEqual([401, expect.stringMatching(/^Basic /)]);
    });

    it('is open to the administrator and to an account, each for its aliases', async () => {
      const mdm = await account('mdm', ['phones']);
      for (const credentials of [administrator, mdm, `CORP\\${mdm}`, `MDM@corp.example:${mdm.slice('mdm:'.length)}`]) {
        const { status, text } = await visit({ path: '/certsrv/phones/mscep_admin/', credentials });
        expect([status, text]).toEqual([200, expect.stringContaining(`password is: <B> ${SHARED} </B>`)]);
      }
      const other = await account('other', ['scep']);
      const { status, text } = await visit({ path: '/certsrv/phones/mscep_admin/', credentials: other });
      expect([status, text]).toEqual([200, expect.stringContaining('You do not have sufficient permission to enroll')]);
      expect(text).not.toContain(SHARED);
    });

    it('is shut to an account that is disabled, whose time of use it keeps', async () => {
      const credentials = await account('helpdesk', ['phones']);
      const path = '/certsrv/phones/mscep_admin/';
      expect((await visit({ path, credentials })).status).toBe(200);
      expect((await rest.get('ra-accounts/helpdesk')).body['lastUsedAt']).toBe(scene.clock.now().toISOString());
      await rest.patch('ra-accounts/helpdesk', { enabled: false });
      const refused = await visit({ path, credentials });
      expect([refused.status, refused.text.includes(SHARED)]).toEqual([401, false]);
    });

    it('makes an address wait that failed too often, unless it has the right password', async () => {
      const credentials = await account('robot', ['phones']);
      const path = '/certsrv/phones/mscep_admin/';
      const wrong = { path, credentials: 'robot:wrong' };
      for (let i = 0; i < MAX_FAILURES; i++) expect((await visit(wrong)).status).toBe(401);
      const refused = await visit(wrong);
      expect([refused.status, refused.headers['retry-after']]).toEqual([429, String(FAILURE_WINDOW_MS / 1000)]);
      expect((await visit({ path, credentials })).status).toBe(200);
      // To come without a password first is how browsers begin, and counts for nothing.
      expect((await visitNdesPage(scene.gateway.adminUrl, { path })).status).toBe(401);
    });
  });

  describe('how it is fetched', () => {
    it.each([
      ['/certsrv/mscep_admin', '/certsrv/mscep_admin/'],
      ['//evil.example/certsrv/mscep_admin', undefined],
      ['//certsrv/mscep_admin', '/certsrv/mscep_admin/'],
      ['/CertSrv/phones/MSCEP_ADMIN', '/certsrv/phones/mscep_admin/'],
    ])('%s leads to %s', async (path, location) => {
      const { status, headers } = await visit({ path });
      expect([status, headers.location]).toEqual([location === undefined ? 404 : 301, location]);
    });

    it.each(['POST', 'HEAD', 'PUT', 'DELETE', 'OPTIONS'])('not by %s', async (method) => {
      const { status, headers, text } = await visit({ method, path: '/certsrv/phones/mscep_admin/' });
      expect([status, headers.allow]).toEqual([405, 'GET']);
      expect(text).not.toContain(SHARED);
    });

    it('not by a link on a page of another server, with which a browser sends the password along', async () => {
      const path = '/certsrv/phones/mscep_admin/';
      for (const site of ['cross-site', 'same-site'])
        expect((await visit({ path, headers: { 'sec-fetch-site': site } })).status).toBe(403);
      for (const site of ['none', 'same-origin'])
        expect((await visit({ path, headers: { 'sec-fetch-site': site } })).status).toBe(200);
    });

    it('is kept by nobody and shown within no other page', async () => {
      const { headers } = await visit({ path: '/certsrv/phones/mscep_admin/' });
      expect(headers).toMatchObject({
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'content-security-policy': expect.stringContaining("frame-ancestors 'none'"),
      });
    });

    it('is not there for devices', async () => {
      for (const path of [
        '/certsrv/mscep_admin',
        '/certsrv/mscep_admin/',
        '/CertSrv/MSCEP_Admin/mscep.dll',
        '/certsrv/phones/mscep_admin/',
        '/certsrv/phones/mscep_admin/mscep.dll',
      ]) {
        const { status, text } = await visitNdesPage(scene.gateway.publicUrl, { path, credentials: administrator });
        expect([path, status, text]).toEqual([path, 404, 'not found\n']);
      }
    });
  });

  describe('of an alias with one password for all', () => {
    const path = '/certsrv/phones/mscep_admin/';

    it('shows it where the alias says so, and writes down who has read it, but not what', async () => {
      const page = await visit({ path, credentials: await account('reader', ['phones']) });
      expect(page.contentType).toBe('text/html; charset=utf-8');
      expect(manageEngine(page)).toBe(SHARED);
      expect(ntlmRelay(page)).toEqual({ password: SHARED, minutes: undefined });
      const events = await rest.get('audit-events?action=challenge.read');
      expect(itemsOf(events)[0]).toMatchObject({
        ...{ actor: 'ra-account:reader', target: 'aliases/phones', details: {} },
      });
      expect((await rest.get('audit-events')).text).not.toContain(SHARED);
    });

    it('does not show it otherwise', async () => {
      await scene.createAlias('quiet', { challenge: { kind: 'static', password: SHARED } });
      const { status, text } = await visit({ path: '/certsrv/quiet/mscep_admin/' });
      expect([status, text]).toEqual([404, expect.stringContaining('which is not shown (ndes.showStaticPassword)')]);
      expect(text).not.toContain(SHARED);
    });
  });

  it('says so where there is nothing to fetch', async () => {
    for (const [path, sentence] of [
      ['/certsrv/mscep_admin/', 'There is no alias here'],
      ['/certsrv/nobody/mscep_admin/', 'There is no alias here'],
      ['/certsrv/Phones/mscep_admin/', 'There is no alias here'],
      ['/certsrv/scep/mscep_admin/', 'of the kind end-entity'],
    ] as const) {
      const { status, text } = await visit({ path });
      expect([path, status, text]).toEqual([path, 404, expect.stringContaining(sentence)]);
    }
    await rest.patch('aliases/phones', { enabled: false });
    expect((await visit({ path: '/certsrv/phones/mscep_admin/' })).status).toBe(404);
    await rest.patch('aliases/phones', { enabled: true });
  });
});
