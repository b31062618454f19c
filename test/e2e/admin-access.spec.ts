import { FAILURE_WINDOW_MS, MAX_FAILURES } from '../../src/listeners/failure-limit';
import { FixedClock } from '../support/fixed-clock';
import { RestClient } from '../support/rest-client';
import { startGateway, type TestGateway } from '../support/start-gateway';

const SECRET = 'S3cr3t-that-nobody-may-see';

describe("the administrators' door", () => {
  const clock = new FixedClock();
  let gateway: TestGateway;
  let rest: RestClient;

  beforeAll(async () => {
    gateway = await startGateway({ clock, environment: { LOG_LEVEL: 'silent' } });
    rest = new RestClient(gateway);
  });

  afterAll(async () => {
    await gateway.close();
  });

  // Failures of one test shall not keep out the next.
  afterEach(() => {
    clock.advance({ milliseconds: FAILURE_WINDOW_MS });
  });

  it.each([
    ['no token', undefined],
    ['another token', `Bearer ${SECRET}`],
    ['half of the token', 'Bearer test-administrator'],
    ['the token by another scheme', 'Basic test-administrator-token'],
    ['an empty token', 'Bearer '],
    ['the token twice', 'Bearer test-administrator-token, Bearer test-administrator-token'],
  ])('stays shut with %s', async (_, authorization) => {
    const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
    const response = await fetch(`${gateway.adminUrl}/api/v1/aliases`, { headers });
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toMatch(/^Bearer /);
    expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    const text = await response.text();
    expect(text).not.toContain(SECRET);
    expect(JSON.parse(text)).toMatchObject({ type: 'urn:scep-gateway:problem:unauthenticated', status: 401 });
  });

  it('opens with the token, whatever the case of the scheme', async () => {
    for (const scheme of ['Bearer', 'bearer']) {
      const headers = { authorization: `${scheme} ${gateway.adminToken}` };
      expect((await fetch(`${gateway.adminUrl}/api/v1/aliases`, { headers })).status).toBe(200);
    }
  });

  it('makes an address wait that failed too often, unless it has the right token', async () => {
    const intruder = new RestClient(gateway, 'wrong-token-of-some-length');
    for (let i = 0; i < MAX_FAILURES; i++) expect((await intruder.get('aliases')).status).toBe(401);
    const refused = await intruder.get('aliases');
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe(String(FAILURE_WINDOW_MS / 1000));
    expect((await rest.get('aliases')).status).toBe(200);
    clock.advance({ milliseconds: FAILURE_WINDOW_MS });
    expect((await intruder.get('aliases')).status).toBe(401);
  });

  it.each(['/api/v1/aliases', '/api/openapi.json', '/api/docs', '/api/v1/end-entities/x', '/certsrv/mscep_admin/'])(
    'is not there for devices: %s',
    async (path) => {
      const headers = { authorization: `Bearer ${gateway.adminToken}` };
      expect((await fetch(`${gateway.publicUrl}${path}`, { headers })).status).toBe(404);
    },
  );

  it.each([
    ['text that is no JSON', `{"username":"x","enrolmentCode":"${SECRET}`, 400],
    ['a number', '7', 400],
    ['a text', `"${SECRET}"`, 400],
    ['a list', `["${SECRET}"]`, 400],
    ['null', 'null', 400],
    ['nothing', '', 400],
    ['too much', `{"a":"${'x'.repeat(1024 * 1024)}"}`, 413],
    ['a body that is deeply nested', `${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`, 400],
  ])('takes %s for a mistake and repeats none of it', async (_, body, status) => {
    const answer = await rest.send('POST', 'end-entities', body);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(answer.text).not.toContain(SECRET);
  });

  it('takes a body of another type for none', async () => {
    const response = await fetch(`${gateway.adminUrl}/api/v1/aliases`, {
      method: 'POST',
      headers: { authorization: `Bearer ${gateway.adminToken}`, 'content-type': 'text/plain' },
      body: '{"name":"x"}',
    });
    expect(response.status).toBe(400);
  });

  it('answers 404 where there is nothing, as a problem', async () => {
    const answer = await rest.get('nothing');
    expect([answer.status, answer.body['title']]).toEqual([404, 'Not found']);
    expect((await rest.send('DELETE', 'audit-events')).status).toBe(404);
  });

  it.each(['aliases', 'end-entities', 'certificate-profiles', 'end-entity-profiles'])(
    'finds nothing under names that cannot be: %s',
    async (collection) => {
      for (const name of ['%00', 'a%0Ab', 'x'.repeat(300), '%20', "'--", '..%2F..'])
        expect((await rest.get(`${collection}/${name}`)).status).toBe(404);
    },
  );

  it('refuses pages that cannot be', async () => {
    for (const query of ['limit=0', 'limit=501', 'limit=x', 'limit=1&limit=2', 'cursor=x', 'offset=3', 'cursor[a]=b'])
      expect((await rest.get(`aliases?${query}`)).status).toBe(400);
  });

  it('tells browsers to be careful, but not to upgrade what has no TLS', async () => {
    const { headers } = await rest.get('aliases');
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(headers.get('content-security-policy')).not.toContain('upgrade-insecure-requests');
    expect(headers.get('strict-transport-security')).toBeNull();
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-powered-by')).toBeNull();
  });
});
