import { X509Certificate, createHash } from 'node:crypto';
import { readEnrolmentReply, type EnrolmentReply } from '../../src/client/enrolment-message';
import { ScepClient } from '../../src/client/scep-client';
import { SystemRandomSource } from '../../src/common/random-source';
import { FAILURE_WINDOW_MS, MAX_FAILURES } from '../../src/listeners/failure-limit';
import { DistinguishedName } from '../../src/pki/x509/distinguished-name';
import { DEVICE_KEY, enrolmentScene, type EnrolmentScene } from '../support/enrolment-scene';
import {
  byHeader,
  dotNet,
  fleet,
  fleetText,
  manageEngine,
  ntlmRelay,
  powerShell,
  pythonScript,
  type Scraper,
} from '../support/ndes-scrapers';
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
    it('has nothing on the path that names no alias where none answers there', async () => {
      expect((await visit()).status).toBe(404);
      expect((await fetch(`${scene.gateway.publicUrl}/certsrv/mscep/mscep.dll`)).status).toBe(404);
    });

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

    it('shows that of RA mode, where the alias is in RA mode', async () => {
      await scene.createAlias('tablets', {
        operationalMode: 'RA',
        challenge: { kind: 'static', password: 'of-ca-mode' },
        ra: { authenticationPassword: SHARED },
        ndes: { showStaticPassword: true },
      });
      expect(fleet(await visit({ path: '/certsrv/tablets/mscep_admin/' }))).toBe(SHARED);
    });

    it('does not show it otherwise', async () => {
      await scene.createAlias('quiet', { challenge: { kind: 'static', password: SHARED } });
      const { status, text } = await visit({ path: '/certsrv/quiet/mscep_admin/' });
      expect([status, text]).toEqual([404, expect.stringContaining('which is not shown (ndes.showStaticPassword)')]);
      expect(text).not.toContain(SHARED);
    });
  });

  describe('of an alias with one-time challenges', () => {
    const settings = { challenge: { kind: 'one-time' } };

    beforeAll(async () => {
      await scene.createAlias('otp', { ...settings, answersNdesPath: true });
    });

    /** Enrols as a device does that was given the URL of an NDES server. */
    const enrol = async (
      username: string,
      challengePassword: string,
      path = '/certsrv/mscep/mscep.dll',
    ): Promise<EnrolmentReply> => {
      const url = `${scene.gateway.publicUrl}${path}`;
      const client = new ScepClient({ url, clock: scene.clock, random: new SystemRandomSource() });
      const message = await client.encode(
        {
          messageType: 'PKCSReq',
          subject: DistinguishedName.parse(`CN=${username}`),
          key: DEVICE_KEY,
          challengePassword,
          digest: 'sha256',
          cipher: 'aes128',
        },
        await client.getCaCert(),
      );
      scene.clock.advance({ milliseconds: 1 });
      return readEnrolmentReply(await client.send(message.bytes, 'POST'), message);
    };

    const scrapers: readonly (readonly [string, Scraper, string])[] = [
      ['Fleet', fleet, 'utf-16le-nobom'],
      ['ManageEngine', manageEngine, 'utf-16le-nobom'],
      ['python', pythonScript, 'utf-16le-nobom'],
      ['ilo', powerShell, 'utf-16le-nobom'],
      ['ntlmrelayx', (page) => ntlmRelay(page)?.password, 'utf-16le-nobom'],
      ['csharp', dotNet, 'utf-16le-bom'],
      ['okta', byHeader, 'utf-8'],
    ];
    it.each(scrapers)('gives %s what a device enrols with', async (name, scrape, encoding) => {
      await rest.patch('aliases/otp', { ndes: { encoding } });
      const credentials = await account(name.toLowerCase(), ['otp']);
      await scene.register(`device-${name}`, 'not asked for');
      const challenge = scrape(await visit({ credentials }));
      expect(challenge).toMatch(/^[0-9A-F]{16}$/);
      expect((await enrol(`device-${name}`, challenge!)).pkiStatus).toBe('SUCCESS');
      // And once only.
      await scene.register(`second-${name}`, 'not asked for');
      expect((await enrol(`second-${name}`, challenge!)).pkiStatus).toBe('FAILURE');
      const [event] = itemsOf(await rest.get(`audit-events?action=challenge.issue&limit=1`));
      expect(event).toMatchObject({ actor: `ra-account:${name.toLowerCase()}` });
      expect((await rest.get('audit-events?limit=500')).text).not.toContain(challenge);
    });

    it('lets devices in that nobody has registered, where the alias is in RA mode', async () => {
      await scene.createAlias('fleet', { ...settings, operationalMode: 'RA', ndes: { encoding: 'utf-8' } });
      const challenge = fleet(await visit({ path: '/certsrv/fleet/mscep_admin/' }))!;
      expect((await enrol('unheard-of', challenge, '/certsrv/fleet/mscep/mscep.dll')).pkiStatus).toBe('SUCCESS');
    });

    it('shows the MD5 of the CA certificate, and as many digits as it is told to', async () => {
      await rest.patch('aliases/otp', { ndes: { encoding: null, passwordLength: 16 } });
      const page = await visit();
      expect(page.contentType).toBe('text/html');
      expect(fleet(page)).toMatch(/^[0-9A-F]{32}$/);
      const { body } = await rest.get('authorities/Devices');
      const { raw } = new X509Certificate((body['certificate'] as { pem: string }).pem);
      const md5 = createHash('md5').update(raw).digest('hex').toUpperCase();
      expect(page.text).toContain(`CA certificate is: <B> ${md5.replace(/.{8}(?=.)/g, '$& ')} </B>`);
      await rest.patch('aliases/otp', { ndes: null });
    });

    it('tells a browser how to read it', async () => {
      const { contentType } = await visit({ headers: { 'sec-fetch-dest': 'document', 'sec-fetch-site': 'none' } });
      expect(contentType).toBe('text/html; charset=utf-16le');
    });

    it('says that the cache is full, however many ask at once, until one is used or is over', async () => {
      const path = '/certsrv/few/mscep_admin/';
      const few = { kind: 'one-time', oneTime: { maximum: 3, lifetime: '10m' } };
      await scene.createAlias('few', { challenge: few, ndes: { encoding: 'utf-8' } });
      const pages = await Promise.all(Array.from({ length: 8 }, () => visit({ path })));
      const found = pages.map(fleet).filter((challenge) => challenge !== undefined);
      expect(new Set(found).size).toBe(3);
      const full = pages.filter(({ text }) => text.includes('The password cache is full.'));
      expect(full.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
      await scene.register('few-1', 'not asked for');
      expect((await enrol('few-1', found[0]!, '/certsrv/few/mscep/mscep.dll')).pkiStatus).toBe('SUCCESS');
      expect(ntlmRelay(await visit({ path }))).toMatchObject({ minutes: 10 });
      expect(fleet(await visit({ path }))).toBeUndefined();
      scene.clock.advance({ minutes: 10 });
      expect(fleet(await visit({ path }))).toBeDefined();
    });

    it('gives one that is good for as long as the page says', async () => {
      const challenge = fleet(await visit())!;
      const late = fleet(await visit())!;
      for (const username of ['early', 'late']) await scene.register(username, 'not asked for');
      scene.clock.advance({ minutes: 59 });
      expect((await enrol('early', challenge)).pkiStatus).toBe('SUCCESS');
      scene.clock.advance({ minutes: 1 });
      expect((await enrol('late', late)).pkiStatus).toBe('FAILURE');
      expect((await scene.log())[0]).toMatchObject({ rule: 'challenge.oneTime.expired', username: 'late' });
    });

    it('hands out no more short ones, nor for longer, than 64 bits carry', async () => {
      await scene.createAlias('long', { challenge: { kind: 'one-time', oneTime: { lifetime: '7d', maximum: 5000 } } });
      const path = '/certsrv/long/mscep_admin/';
      expect(ntlmRelay(await visit({ path }))?.minutes).toBe(24 * 60);
      await rest.patch('aliases/long', { ndes: { passwordLength: 16 } });
      expect(ntlmRelay(await visit({ path }))?.minutes).toBe(7 * 24 * 60);
    });

    it('enrols by all spellings of the path, which without an operation shows where to ask, but no address', async () => {
      for (const path of [
        '/certsrv/mscep/mscep.dll',
        '/CertSrv/MSCEP/MSCEP.DLL/pkiclient.exe',
        '/certsrv/mscep/',
        '/certsrv/otp/mscep/mscep.dll',
      ]) {
        const caps = await fetch(`${scene.gateway.publicUrl}${path}?operation=GetCACaps`);
        expect([path, caps.status, await caps.text()]).toEqual([
          path,
          200,
          expect.stringContaining('POSTPKIOperation'),
        ]);
        const page = await fetch(`${scene.gateway.publicUrl}${path}`);
        const text = await page.text();
        expect([path, page.status, page.headers.get('content-type')]).toEqual([path, 200, 'text/html']);
        expect(text).toContain('/certsrv/mscep_admin/');
        expect(text).not.toMatch(/https?:|127\.0\.0\.1|localhost|href/);
        expect(fleetText(Buffer.from(text))).not.toContain('password is');
      }
    });
  });

  it('shows the challenge of the day, until when it is good, and who has read it', async () => {
    await scene.createAlias('typed', { challenge: { kind: 'daily' }, ndes: { encoding: 'utf-8' } });
    scene.clock.set(`${scene.clock.now().toISOString().slice(0, 10)}T22:30:00Z`);
    const page = await visit({ path: '/certsrv/typed/mscep_admin/' });
    // Until midnight, and the overlap of an hour.
    expect(ntlmRelay(page)).toEqual({ password: expect.stringMatching(/^[0-9a-z-]{34}$/), minutes: 150 });
    expect(page.text).toContain('can be used multiple times');
    const [event] = itemsOf(await rest.get('audit-events?action=challenge.read&limit=1'));
    expect(event).toMatchObject({ actor: 'administrator', target: 'aliases/typed/challenges/daily' });
  });

  it('says so where there is nothing to fetch', async () => {
    for (const [path, sentence] of [
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
