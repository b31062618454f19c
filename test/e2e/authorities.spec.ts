import { X509Certificate } from 'node:crypto';
import type { AuthorityRequestView, AuthorityView } from '../../src/admin/authorities/authority.presenter';
import type { Page } from '../../src/admin/pagination';
import { startGateway, type TestGateway } from '../support/start-gateway';

interface Answer<T> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startGateway();
});

afterAll(async () => {
  await gateway.close();
});

async function send<T = AuthorityView>(method: string, path: string, body?: object): Promise<Answer<T>> {
  const response = await fetch(`${gateway.adminUrl}/api/v1/authorities${path}`, {
    method,
    headers: { authorization: `Bearer ${gateway.adminToken}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: (text === '' ? undefined : JSON.parse(text)) as T,
  };
}

describe('REST resource authorities', () => {
  it('makes a root of a name, a subject and a key algorithm, and reads its fingerprints out', async () => {
    const created = await send('POST', '', {
      name: 'Corporate CA 1',
      subject: 'CN=CA,O=Org',
      keyAlgorithm: 'RSA-2048',
    });
    expect(created.status).toBe(201);
    expect(created.headers.get('location')).toBe('/api/v1/authorities/Corporate%20CA%201');
    expect(created.body).toMatchObject({
      name: 'Corporate CA 1',
      state: 'active',
      subject: 'CN=CA,O=Org',
      keyAlgorithm: 'RSA-2048',
      generation: 1,
      chain: [],
      raCertificates: [],
      settings: { digest: 'sha256', raCertificate: null, raKeyAlgorithm: 'RSA-2048', raValidityDays: 730 },
    });
    const certificate = new X509Certificate(created.body.certificate!.pem);
    expect(created.body.certificate!.fingerprints).toMatchObject({
      sha256: certificate.fingerprint256,
      sha1: certificate.fingerprint,
    });
    expect(created.body.certificate!.serialNumber).toBe(certificate.serialNumber.toLowerCase());
    expect((await send('GET', '/Corporate%20CA%201')).body).toEqual(created.body);
  });

  it('walks through the life of an authority', async () => {
    await send('POST', '', { name: 'Life', subject: 'CN=Life', keyAlgorithm: 'EC-P256' });
    const changed = await send('PATCH', '/Life', { description: 'lab', settings: { raCertificate: 'pair' } });
    expect(changed.status).toBe(200);
    expect(changed.body.description).toBe('lab');
    expect(changed.body.raCertificates.map((ra) => [ra.purpose, ra.state])).toEqual([
      ['encrypt', 'current'],
      ['sign', 'current'],
      ['both', 'previous'],
    ]);
    expect((await send('POST', '/Life/rename', { name: 'After' })).body.name).toBe('After');
    expect((await send('GET', '/Life')).status).toBe(404);
    expect(await send('DELETE', '/After')).toMatchObject({ status: 204, body: undefined });
    expect((await send('GET', '/After')).status).toBe(404);
  });

  it('gives the CSR of an authority that waits for an external root', async () => {
    const { body } = await send('POST', '', { name: 'Waits', subject: 'CN=Waits', externalIssuer: true });
    expect(body).toMatchObject({ state: 'pending', subject: 'CN=Waits', certificate: null });
    expect((await send<AuthorityRequestView>('GET', '/Waits/request')).body.pem).toMatch(
      /^-----BEGIN CERTIFICATE REQUEST-----\n/,
    );
    const refused = await send('POST', '/Waits/certificate', { certificates: 'none' });
    expect(refused.status).toBe(400);
    expect(JSON.stringify(refused.body)).toContain('certificates');
    expect((await send('GET', '/Corporate%20CA%201/request')).status).toBe(409);
  });

  it('plans, withdraws and makes a rollover, and tells what is wrong with one', async () => {
    await send('POST', '', { name: 'Rolls', subject: 'CN=Rolls' });
    for (const [field, value] of [
      ['key', 'another'],
      ['activateAt', 'tomorrow'],
      ['activateAt', '2026-03-01'],
      ['activateAt', '2026-03-01T00:00:00'],
      ['activateAt', '2020-03-01T00:00:00Z'],
      ['validFrom', 'yesterday'],
      ['overlapHours', -1],
      ['validityDays', 0],
      ['unknown', 1],
    ] as const) {
      const { status, body } = await send('POST', '/Rolls/rollover', { [field]: value });
      expect([status, JSON.stringify(body)]).toEqual([400, expect.stringContaining(`"${field}"`)]);
    }
    expect((await send('POST', '/Absent/rollover', {})).status).toBe(404);
    expect((await send('POST', '/Rolls/rollover/activate')).status).toBe(409);
    expect((await send('DELETE', '/Rolls/rollover')).status).toBe(409);
    const planned = await send('POST', '/Rolls/rollover', { key: 'same' });
    expect(planned.status).toBe(201);
    expect(planned.body).toMatchObject({ state: 'active', generation: 1 });
    expect(planned.body.generations.map(({ number, state }) => [number, state])).toEqual([
      [2, 'next'],
      [1, 'current'],
    ]);
    expect((await send('POST', '/Rolls/rollover', { key: 'same' })).status).toBe(409);
    const switched = await send('POST', '/Rolls/rollover/activate');
    expect(switched.body).toMatchObject({ generation: 2, generations: [{}, { state: 'previous' }] });
    expect(switched.body.certificate).toEqual(planned.body.generations[0]!.certificate);
  });

  it('lists page by page', async () => {
    const names: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page: Answer<Page<AuthorityView>> = await send(
        'GET',
        `?limit=1${cursor === '' ? '' : `&cursor=${cursor}`}`,
      );
      expect(page.body.items).toHaveLength(1);
      names.push(page.body.items[0]!.name);
      cursor = page.body.nextCursor;
    }
    expect(names).toEqual(expect.arrayContaining(['Corporate CA 1', 'Waits']));
    expect(names).toEqual([...names].sort());
  });

  it.each([
    [{ name: 'X' }, 400],
    [{ name: 'X', subject: 'CN=X', keyAlgorithm: 'RSA-512' }, 400],
    [{ name: 'X', subject: 'CN=X', unknown: true }, 400],
    [{ name: 'X', subject: 'CN=X', issuer: 'Absent' }, 404],
    [{ name: 'X', pkcs12: 'YQ==', password: 'a secret word' }, 400],
    [{ name: 'Corporate CA 1', subject: 'CN=X' }, 409],
  ])('answers %j with the problem %i (RFC 9457)', async (body, status) => {
    const answer = await send('POST', '', body);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(JSON.stringify(answer.body)).not.toContain('a secret word');
  });

  it('needs the bearer token', async () => {
    const response = await fetch(`${gateway.adminUrl}/api/v1/authorities`);
    expect(response.status).toBe(401);
  });
});
