import { createAuthority, createDefaultProfiles, itemsOf, RestClient } from '../support/rest-client';
import { startGateway, type TestGateway } from '../support/start-gateway';

interface Operation {
  readonly summary?: string;
  readonly parameters?: { readonly name: string; readonly in: string }[];
  readonly requestBody?: { readonly content: Record<string, { readonly schema: { readonly $ref: string } }> };
  readonly responses: Record<
    string,
    { readonly content?: Record<string, { readonly schema: Record<string, unknown> }> }
  >;
}

interface Document {
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: {
    readonly schemas: Record<string, { required?: string[]; properties?: Record<string, unknown> }>;
  };
}

describe('the OpenAPI document', () => {
  let gateway: TestGateway;
  let document: Document;

  beforeAll(async () => {
    gateway = await startGateway();
    document = (await (await fetch(`${gateway.adminUrl}/api/openapi.json`)).json()) as Document;
  });

  afterAll(async () => {
    await gateway.close();
  });

  const operations = (): [string, Operation][] =>
    Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]): [string, Operation] => [`${method} ${path}`, operation]),
    );

  it('describes each route', () => {
    expect(operations().length).toBeGreaterThan(30);
    for (const [route, { summary, responses }] of operations()) {
      expect([route, summary]).toEqual([route, expect.stringMatching(/\w/)]);
      expect([route, Object.keys(responses)]).toEqual([route, expect.arrayContaining(['default'])]);
    }
  });

  it('refers to nothing that it does not hold', () => {
    const references = [...JSON.stringify(document).matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(
      ([, name]) => name,
    );
    expect(references.length).toBeGreaterThan(20);
    for (const name of references) expect(Object.keys(document.components.schemas)).toContain(name);
  });

  it('has the fields of inputs with their rules', () => {
    const { NewEndEntityInput: endEntity, AcceptedAlgorithmsInput: accept } = document.components.schemas;
    expect(endEntity?.required).toEqual(['username', 'enrolmentCode']);
    expect(endEntity?.properties?.['username']).toMatchObject({ type: 'string', minLength: 1, maxLength: 255 });
    expect(accept?.properties?.['minimumRsaBits']).toMatchObject({ type: 'integer', minimum: 1024 });
    expect(accept?.properties?.['digests']).toMatchObject({
      type: 'array',
      items: { enum: expect.arrayContaining(['sha256']) },
    });
  });

  it('has the fields of queries', () => {
    const names = document.paths['/api/v1/requests']?.['get']?.parameters?.map(({ name }) => name);
    expect(names?.sort()).toEqual([
      'alias',
      'cursor',
      'limit',
      'outcome',
      'since',
      'transactionID',
      'until',
      'username',
    ]);
  });

  it('says of an answer just what it holds', async () => {
    await createDefaultProfiles(gateway);
    await createAuthority(gateway, 'ManagementCA');
    const rest = new RestClient(gateway);
    const answers: [string, Record<string, unknown>][] = [
      ['Alias', (await rest.post('aliases', { name: 'scep' })).body],
      ['CertificateProfile', (await rest.get('certificate-profiles/ENDUSER')).body],
      ['EndEntityProfile', (await rest.get('end-entity-profiles/EMPTY')).body],
      ['EndEntity', (await rest.post('end-entities', { username: 'a', enrolmentCode: 'b' })).body],
      ['DeviceProfile', (await rest.get('device-profiles/generic')).body],
      ['RaAccountWithPassword', (await rest.post('ra-accounts', { name: 'mdm' })).body],
      ['RaAccount', (await rest.get('ra-accounts/mdm')).body],
      ['AuditEvent', itemsOf(await rest.get('audit-events'))[0]!],
    ];
    for (const [name, answer] of answers)
      expect([name, Object.keys(answer).sort()]).toEqual([
        name,
        Object.keys(document.components.schemas[name]?.properties ?? {}).sort(),
      ]);
  });

  it('can be read in a page that needs no other server', async () => {
    const page = await fetch(`${gateway.adminUrl}/api/docs`);
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    const files = [...(await page.text()).matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path!);
    expect(files).toHaveLength(3);
    for (const file of files) {
      const { status, headers } = await fetch(`${gateway.adminUrl}${file}`);
      expect([file, status, headers.get('content-type')]).toEqual([file, 200, expect.stringMatching(/css|javascript/)]);
    }
    expect((await fetch(`${gateway.adminUrl}/api/docs/package.json`)).status).toBe(404);
  });
});
