import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import type { Launchers } from './command-context';
import { runCommandLine } from './run-command-line';

/** A gateway that answers what it is told and remembers what it was asked. */
class SmallGateway {
  readonly requests: { readonly line: string; readonly token: string | undefined; readonly body: unknown }[] = [];
  answers: { readonly status: number; readonly body: unknown }[] = [];
  private readonly server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body: unknown = chunks.length === 0 ? undefined : JSON.parse(Buffer.concat(chunks).toString());
      this.requests.push({
        line: `${request.method!} ${request.url!}`,
        token: request.headers.authorization,
        body,
      });
      const answer = this.answers.shift() ?? { status: 500, body: {} };
      response.writeHead(answer.status).end(answer.body === undefined ? undefined : JSON.stringify(answer.body));
    });
  });

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((resolve) => {
      this.server.close(() => {
        resolve();
      });
    });
  }
}

const gateway = new SmallGateway();
let url: string;
beforeAll(async () => {
  url = await gateway.start();
});
afterAll(() => gateway.stop());
beforeEach(() => {
  gateway.requests.length = 0;
  gateway.answers = [];
});

const noLaunchers: Launchers = {
  serve: () => Promise.reject(new Error('not to be started')),
  migrate: () => Promise.reject(new Error('not to be started')),
};

interface Run {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

async function run(
  line: string,
  more: { typed?: string; launchers?: Launchers; gatewayUrl?: string } = {},
): Promise<Run> {
  const [input, output, errors] = [new PassThrough(), new PassThrough(), new PassThrough()];
  input.end(more.typed ?? '');
  const environment = { SCEP_GATEWAY_URL: more.gatewayUrl ?? url, SCEP_GATEWAY_TOKEN: 'token-1' };
  const args = line === '' ? [] : line.split(' ');
  const code = await runCommandLine(args, { input, output, errors, environment }, more.launchers ?? noLaunchers);
  return { code, output: String(output.read() ?? ''), errors: String(errors.read() ?? '') };
}

describe('the command line', () => {
  it('registers an end entity with nothing but its name and code', async () => {
    gateway.answers = [{ status: 201, body: { username: 'router-1' } }];
    const done = await run('end-entity create router-1 --enrolment-code secret123');
    expect(done).toEqual({ code: 0, output: 'end entity router-1 may enrol\n', errors: '' });
    expect(gateway.requests).toEqual([
      {
        line: 'POST /api/v1/end-entities',
        token: 'Bearer token-1',
        body: { username: 'router-1', enrolmentCode: 'secret123' },
      },
    ]);
  });

  it('takes a secret from standard input', async () => {
    gateway.answers = [{ status: 201, body: {} }];
    await run('end-entity create router-1 --enrolment-code-file - --san dns:r1.example.com', { typed: 'piped\n' });
    expect(gateway.requests[0]!.body).toEqual({
      username: 'router-1',
      enrolmentCode: 'piped',
      subjectAltNames: [{ type: 'dns', value: 'r1.example.com' }],
    });
  });

  it('registers one without a code if that is said, and takes no code beside it', async () => {
    gateway.answers = [{ status: 201, body: {} }];
    await run('end-entity create router-1 --without-enrolment-code');
    expect(gateway.requests.map(({ body }) => body)).toEqual([{ username: 'router-1', enrolmentCode: null }]);
    const both = await run('end-entity create router-1 --without-enrolment-code --enrolment-code secret123');
    expect(both).toMatchObject({ code: 2, output: '' });
    expect(gateway.requests).toHaveLength(1);
  });

  it('sends nothing when a secret is missing', async () => {
    expect(await run('end-entity create router-1')).toMatchObject({ code: 2, output: '' });
    expect(gateway.requests).toEqual([]);
  });

  it('turns --set into a patch, the file beneath it', async () => {
    gateway.answers = [{ status: 200, body: { name: 'legacy' } }];
    const line = 'alias change legacy --file - --set algorithms.accept.ciphers=aes128,des --unset limits.lockoutFor';
    const typed = '{"enabled":false,"algorithms":{"reply":"fixed"}}';
    expect(await run(line, { typed })).toMatchObject({ code: 0, output: 'alias legacy is changed\n' });
    expect(gateway.requests[0]).toMatchObject({
      line: 'PATCH /api/v1/aliases/legacy',
      body: {
        enabled: false,
        algorithms: { reply: 'fixed', accept: { ciphers: ['aes128', 'des'] } },
        limits: { lockoutFor: null },
      },
    });
  });

  it('follows the cursor as far as the limit goes, and says that there is more', async () => {
    const page = (count: number, nextCursor: string | null) => ({
      status: 200,
      body: { items: Array.from({ length: count }, (_, i) => ({ username: `u${i}`, status: 'NEW' })), nextCursor },
    });
    gateway.answers = [page(100, 'a+b'), page(20, 'c')];
    const listed = await run('end-entity list --limit 120 --status NEW');
    expect(gateway.requests.map(({ line }) => line)).toEqual([
      'GET /api/v1/end-entities?status=NEW&limit=100',
      'GET /api/v1/end-entities?status=NEW&limit=20&cursor=a%2Bb',
    ]);
    expect(listed.output.trimEnd().split('\n')).toHaveLength(121);
    expect(listed.errors).toContain('there are more');
  });

  it('writes what programs read with --json', async () => {
    gateway.answers = [{ status: 200, body: { items: [{ name: 'scep', x: '\u009b' }], nextCursor: null } }];
    const { output } = await run('alias list --json');
    expect(JSON.parse(output)).toEqual([{ name: 'scep', x: '\u009b' }]);
    expect(output).not.toContain('\u009b');
  });

  it('shows the detail of a problem and each field (RFC 9457)', async () => {
    const errors = [{ field: 'limits.lockoutFor', message: 'must not be less than 1' }];
    gateway.answers = [{ status: 400, body: { title: 'Invalid', detail: 'the input has one mistake', errors } }];
    const { code, errors: told } = await run('alias create x --set limits.lockoutFor=0');
    expect(code).toBe(3);
    expect(told).toBe('scep-gateway: the input has one mistake\n  limits.lockoutFor: must not be less than 1\n');
  });

  it('tells where a token comes from when it is refused', async () => {
    gateway.answers = [{ status: 401, body: { detail: 'a bearer token is needed' } }];
    const { code, errors } = await run('alias list');
    expect(code).toBe(3);
    expect(errors).toContain('SCEP_GATEWAY_TOKEN_FILE');
  });

  it('puts names into paths so that they stay names', async () => {
    gateway.answers = [{ status: 200, body: {} }];
    await run('profile certificate show a/b?c');
    expect(gateway.requests[0]!.line).toBe('GET /api/v1/certificate-profiles/a%2Fb%3Fc');
    expect((await run('alias delete ..')).code).toBe(2);
    expect(gateway.requests).toHaveLength(1);
  });

  it('takes serial numbers as tools write them', async () => {
    gateway.answers = [{ status: 200, body: {} }];
    await run('certificate revoke ManagementCA 0x00:AB:CD --reason keyCompromise');
    expect(gateway.requests[0]).toMatchObject({
      line: 'POST /api/v1/certificates/ManagementCA/abcd/revoke',
      body: { reason: 'keyCompromise' },
    });
  });

  it('imports a CA with a password from standard input', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'command-line-'));
    const [pkcs12, chain] = [join(directory, 'ca.p12'), join(directory, 'chain.der')];
    writeFileSync(pkcs12, Buffer.of(0x30, 0x80));
    writeFileSync(chain, Buffer.of(0x30, 0x81));
    gateway.answers = [{ status: 201, body: {} }];
    const line = `authority import Old --pkcs12 ${pkcs12} --chain ${chain} --password-file - --ra-certificate single`;
    expect(await run(line, { typed: 'hunter2\n' })).toMatchObject({ code: 0, output: 'authority Old is there\n' });
    expect(gateway.requests[0]).toMatchObject({
      line: 'POST /api/v1/authorities',
      body: { name: 'Old', pkcs12: 'MIA=', chain: 'MIE=', password: 'hunter2', settings: { raCertificate: 'single' } },
    });
    rmSync(directory, { recursive: true });
  });

  it('says so when nobody answers', async () => {
    const closed = new SmallGateway();
    const gatewayUrl = await closed.start();
    await closed.stop();
    const { code, errors } = await run('alias list', { gatewayUrl });
    expect(code).toBe(5);
    expect(errors).toContain('ECONNREFUSED');
    expect(await run(`getcaps -u ${gatewayUrl}/scep`)).toMatchObject({ code: 5 });
  });

  it('refuses a redirect, which would take the token along, and what is no gateway', async () => {
    gateway.answers = [{ status: 302, body: {} }];
    expect((await run('alias show scep')).code).not.toBe(0);
    gateway.answers = [{ status: 200, body: ['what'] }];
    expect(await run('alias show scep')).toMatchObject({ code: 5, output: '' });
  });

  it.each([
    ['nonsense', "unknown command 'nonsense'"],
    ['alias', 'Usage: scep-gateway alias'],
    ['alias create', "missing required argument 'name'"],
    ['alias list --limit 0', 'whole number greater than zero'],
    ['alias create x --set colour=red', 'no field "colour"'],
    ['alias list --gateway ftp://x', '--gateway is to be'],
    ['enroll -k key.pem --subject CN=x', "required option '-u, --url <url>'"],
    ['enroll -u http://127.0.0.1:1/ -k key.pem', 'either --subject'],
    ['enroll -u http://127.0.0.1:1/ -k key.pem --subject x', '--subject cannot be read'],
    ['enroll -u http://127.0.0.1:1/ -k key.pem --subject CN=x -E rot13', 'aes256'],
  ])('refuses "%s" with exit code 2', async (line, told) => {
    const { code, output, errors } = await run(line);
    expect(code).toBe(2);
    expect(output).toBe('');
    expect(errors).toContain(told);
  });

  it('helps with exit code 0', async () => {
    const { code, output } = await run('end-entity create --help');
    expect(code).toBe(0);
    expect(output).toContain('--enrolment-code-file <file>');
  });

  it('starts the gateway and migrates, once each and with what was asked', async () => {
    const started: string[] = [];
    const launchers: Launchers = {
      serve: () => Promise.resolve(void started.push('serve')),
      migrate: ({ revert }) => Promise.resolve(void started.push(`migrate ${revert}`)),
    };
    for (const line of ['serve', 'migrate', 'migrate --revert']) expect((await run(line, { launchers })).code).toBe(0);
    expect(started).toEqual(['serve', 'migrate false', 'migrate true']);
  });

  it('shows the stack of what nobody foresaw', async () => {
    const { code, errors } = await run('serve');
    expect(code).toBe(1);
    expect(errors).toContain('not to be started\n    at ');
  });
});
