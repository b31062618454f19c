import type { LookupAddress } from 'node:dns';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { FakeService } from '../../test/support/fake-service';
import { ManualTimer } from '../../test/support/manual-timer';
import { serverCertificate } from '../../test/support/server-certificate';
import { OutboundClient, type OutboundSettings } from './outbound-client';
import { OutboundClients } from './outbound-clients';
import { OutboundError } from './outbound-error';

const OPEN: OutboundSettings = { allowHttp: true, loopback: true };
const LOOPBACK: LookupAddress[] = [{ address: '127.0.0.1', family: 4 }];

describe('OutboundClient', () => {
  let service: FakeService;

  beforeEach(async () => {
    service = await FakeService.start();
  });

  afterEach(async () => {
    await service.close();
  });

  const ask = (client: OutboundClient, url = service.url('/hook')): Promise<unknown> =>
    client.json({
      method: 'POST',
      url,
      headers: { 'x-one': '1' },
      body: { type: 'application/json', content: '{"ü":1}' },
      timeoutMs: 20_000,
    });

  const failure = async (answer: Promise<unknown>): Promise<OutboundError> => {
    const error: unknown = await answer.then(
      () => new Error('it went well'),
      (reason: unknown) => reason,
    );
    if (!(error instanceof OutboundError)) throw error;
    return error;
  };

  it('sends JSON and reads the answer', async () => {
    service.behave({ body: { fine: true } });
    await expect(ask(new OutboundClient(OPEN), service.url('/hook?a=b'))).resolves.toEqual({ fine: true });
    expect(service.requests).toMatchObject([
      {
        method: 'POST',
        path: '/hook?a=b',
        body: '{"ü":1}',
        headers: { 'x-one': '1', 'content-type': 'application/json', 'content-length': '8', host: expect.anything() },
      },
    ]);
  });

  it('gets, and leaves the status to who wants it', async () => {
    service.behave({ status: 404, body: { code: 'None' } });
    const answer = await new OutboundClient(OPEN).send({ method: 'GET', url: service.url(), timeoutMs: 20_000 });
    expect({ ...answer, body: answer.body.toString() }).toMatchObject({ status: 404, body: '{"code":"None"}' });
    expect(service.requests).toMatchObject([{ method: 'GET', body: '' }]);
  });

  it('keeps the connection for the next request', async () => {
    const client = new OutboundClient(OPEN);
    await ask(client);
    await ask(client);
    expect(await service.connections()).toBe(1);
  });

  it.each([
    ['closing', 'connection'],
    ['breaking', 'connection'],
    ['switching', 'connection'],
    ['babbling', 'malformed'],
    ['huge', 'too-large'],
    ['endless', 'too-large'],
  ] as const)('names what a %s service does: %s', async (fault, expected) => {
    service.behave(fault);
    expect(await failure(ask(new OutboundClient(OPEN)))).toMatchObject({ fault: expected });
  });

  it.each([
    ['a redirect', { status: 302, headers: { location: 'http://127.0.0.1/' } }, 'redirect'],
    ['a redirect that keeps the method', { status: 307, headers: { location: '/other' } }, 'redirect'],
    ['no success', { status: 500, body: { secret: 'internals' } }, 'status'],
    ['no JSON', { body: '<html>' }, 'malformed'],
    ['nothing', { body: '' }, 'malformed'],
    ['compression', { headers: { 'content-encoding': 'gzip' } }, 'malformed'],
    ['more than is wanted', { body: `"${'x'.repeat(65_536)}"` }, 'too-large'],
  ])('refuses %s', async (_, answer, expected) => {
    service.behave(answer);
    const error = await failure(ask(new OutboundClient(OPEN)));
    expect(error).toMatchObject({ fault: expected });
    expect(error.message).not.toContain('internals');
    expect(service.requests).toHaveLength(1);
  });

  it('refuses what is no UTF-8', async () => {
    const client = new OutboundClient(OPEN);
    const raw = createServer((_, response) => response.end(Buffer.from([0x22, 0xff, 0x22])));
    await listening(raw);
    expect(await failure(ask(client, `http://127.0.0.1:${portOf(raw)}/`))).toMatchObject({ fault: 'malformed' });
    raw.closeAllConnections();
    raw.close();
  });

  it.each(['silent', 'slow'] as const)('gives a %s service up when the time is over', async (fault) => {
    service.behave(fault);
    const timer = new ManualTimer();
    const answer = failure(ask(new OutboundClient(OPEN, { timer })));
    await service.nextRequest();
    timer.fire(20_000);
    expect(await answer).toMatchObject({ fault: 'timeout' });
  });

  it('leaves no timer behind', async () => {
    const timer = new ManualTimer();
    await ask(new OutboundClient(OPEN, { timer }));
    service.behave('closing');
    await failure(ask(new OutboundClient(OPEN, { timer })));
    expect(timer.waiting).toEqual([]);
  });

  it('says neither query nor credentials', async () => {
    const client = new OutboundClient({ ...OPEN, loopback: false });
    const error = await failure(ask(client, 'http://127.0.0.1:9/hook?key=planted'));
    expect(error.message).toBe('http://127.0.0.1:9/hook: the address 127.0.0.1 must not be reached (loopback)');
    const withUser = await failure(ask(client, 'http://user:planted@127.0.0.1:9/hook'));
    expect(withUser).toMatchObject({ fault: 'url' });
    expect(withUser.message).not.toContain('planted');
  });

  describe('and addresses', () => {
    it.each([
      'http://127.0.0.1:PORT/',
      'http://2130706433:PORT/',
      'http://0x7f.1:PORT/',
      'http://017700000001:PORT/',
      'http://[::1]:PORT/',
      'http://[::ffff:127.0.0.1]:PORT/',
      'http://0.0.0.0:PORT/',
      'http://0:PORT/',
    ])('does not reach this machine by %s', async (url) => {
      const client = new OutboundClient({ ...OPEN, loopback: false });
      const answer = ask(client, url.replace('PORT', String(service.port)));
      expect(await failure(answer)).toMatchObject({ fault: 'refused-address' });
      expect(service.requests).toEqual([]);
    });

    it('does not reach this machine by a name', async () => {
      const client = new OutboundClient({ ...OPEN, loopback: false });
      expect(await failure(ask(client, service.url('/', 'localhost')))).toMatchObject({ fault: 'refused-address' });
    });

    it('judges the very address that is connected to, each time', async () => {
      const answers = [LOOPBACK, [{ address: '169.254.169.254', family: 4 }]];
      const asked: string[] = [];
      const resolver = (hostname: string): Promise<LookupAddress[]> => {
        asked.push(hostname);
        return Promise.resolve(answers.shift() ?? []);
      };
      service.behave({ headers: { connection: 'close' } });
      const client = new OutboundClient(OPEN, { resolver });
      const url = service.url('/', 'rebinding.test');
      await ask(client, url);
      expect(await failure(ask(client, url))).toMatchObject({ fault: 'refused-address' });
      expect(asked).toEqual(['rebinding.test', 'rebinding.test']);
      expect(service.requests).toHaveLength(1);
    });

    it('refuses a name of which one address must not be reached, in either order', async () => {
      const metadata = { address: 'fd00:ec2::254', family: 6 };
      for (const addresses of [
        [...LOOPBACK, metadata],
        [metadata, ...LOOPBACK],
      ]) {
        const client = new OutboundClient(OPEN, { resolver: () => Promise.resolve(addresses) });
        expect(await failure(ask(client, service.url('/', 'both.test')))).toMatchObject({ fault: 'refused-address' });
      }
      expect(service.requests).toEqual([]);
    });

    it('knows names that lead nowhere', async () => {
      const nowhere = new OutboundClient(OPEN, { resolver: () => Promise.reject(new Error('ENOTFOUND')) });
      expect(await failure(ask(nowhere, 'http://nowhere.test/'))).toMatchObject({ fault: 'unknown-name' });
      const empty = new OutboundClient(OPEN, { resolver: () => Promise.resolve([]) });
      expect(await failure(ask(empty, 'http://empty.test/'))).toMatchObject({ fault: 'unknown-name' });
    });

    it('goes by http only where that is said', async () => {
      const client = new OutboundClient({ ...OPEN, allowHttp: false });
      for (const url of [service.url(), 'file:///etc/passwd', 'ftp://example.test/', 'nonsense'])
        expect(await failure(ask(client, url))).toMatchObject({ fault: 'url' });
    });
  });

  describe('with TLS', () => {
    it('trusts the certificates that it is given, and no others', async () => {
      const tls = await serverCertificate();
      const secure = await FakeService.start(tls);
      const resolver = (): Promise<LookupAddress[]> => Promise.resolve(LOOPBACK);
      const settings = { allowHttp: false, loopback: true };
      const url = secure.url('/', 'localhost');
      const stranger = new OutboundClient(settings, { resolver });
      expect(await failure(ask(stranger, url))).toMatchObject({ fault: 'connection' });
      const friend = new OutboundClient({ ...settings, caCertificates: tls.cert }, { resolver });
      await expect(ask(friend, url)).resolves.toEqual({});
      // A certificate of a trusted CA, but for another name.
      expect(await failure(ask(friend, secure.url('/', 'other.test')))).toMatchObject({ fault: 'connection' });
      expect(secure.requests).toHaveLength(1);
      await secure.close();
    });
  });

  describe('behind a proxy', () => {
    let proxy: Server;
    let seen: { target: string; authorization: string | undefined }[];
    let refusal: string | undefined;

    beforeEach(async () => {
      seen = [];
      refusal = undefined;
      proxy = createServer();
      proxy.on('connect', (request, socket) => {
        seen.push({ target: request.url ?? '', authorization: request.headers['proxy-authorization'] });
        if (refusal !== undefined) {
          socket.end(refusal);
          return;
        }
        const [, port] = (request.url ?? '').split(':');
        const upstream = connect(Number(port), '127.0.0.1', () => {
          socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
          upstream.pipe(socket).pipe(upstream);
        });
        for (const end of [upstream, socket]) end.on('error', () => upstream.destroy());
      });
      await listening(proxy);
    });

    afterEach(() => {
      proxy.closeAllConnections();
      proxy.close();
    });

    const proxyUrl = (): string => `http://127.0.0.1:${portOf(proxy)}`;

    it('asks for a tunnel, with its password, and speaks TLS in it', async () => {
      const tls = await serverCertificate();
      const secure = await FakeService.start(tls);
      const settings = { allowHttp: false, loopback: true, caCertificates: tls.cert };
      const through = { url: proxyUrl(), username: 'user', password: 'pass' };
      const client = new OutboundClient({ ...settings, proxy: through });
      await expect(ask(client, secure.url('/', 'localhost'))).resolves.toEqual({});
      const authorization = `Basic ${Buffer.from('user:pass').toString('base64')}`;
      expect(seen).toEqual([{ target: `localhost:${secure.port}`, authorization }]);
      const stranger = new OutboundClient({ allowHttp: false, loopback: true, proxy: through });
      expect(await failure(ask(stranger, secure.url('/', 'localhost')))).toMatchObject({ fault: 'connection' });
      await secure.close();
    });

    it.each(['HTTP/1.1 407 Proxy Authentication Required\r\n\r\n', 'HTTP/1.1 200 OK\r\n\r\nhello'])(
      'tells of one that refuses: %j',
      async (answer) => {
        refusal = answer;
        const client = new OutboundClient({ ...OPEN, proxy: { url: proxyUrl() } });
        expect(await failure(ask(client))).toMatchObject({ fault: 'proxy' });
      },
    );

    it('judges the address of the proxy, and of the service where that is a number', async () => {
      const closed = new OutboundClient({ allowHttp: true, loopback: false, proxy: { url: proxyUrl() } });
      expect(await failure(ask(closed, 'http://example.test/'))).toMatchObject({ fault: 'refused-address' });
      const open = new OutboundClient({ ...OPEN, proxy: { url: proxyUrl() } });
      expect(await failure(ask(open, 'http://169.254.169.254/'))).toMatchObject({ fault: 'refused-address' });
      expect(seen).toEqual([]);
    });

    it('gives up a proxy that says nothing', async () => {
      refusal = '';
      const timer = new ManualTimer();
      proxy.removeAllListeners('connect');
      const arrived = new Promise((resolve) => proxy.on('connect', resolve));
      const answer = failure(ask(new OutboundClient({ ...OPEN, proxy: { url: proxyUrl() } }, { timer })));
      await arrived;
      timer.fire();
      expect(await answer).toMatchObject({ fault: 'timeout' });
    });
  });
});

describe('OutboundClients', () => {
  it('gives one client to all who reach services in the same way', () => {
    const clients = new OutboundClients();
    const first = clients.of(OPEN);
    expect(clients.of({ ...OPEN })).toBe(first);
    for (const other of [
      { ...OPEN, loopback: false },
      { ...OPEN, allowHttp: false },
      { ...OPEN, caCertificates: 'pem' },
      { ...OPEN, proxy: { url: 'http://proxy.test' } },
    ])
      expect(clients.of(other)).not.toBe(first);
  });

  it('forgets the one that was longest unused', () => {
    const clients = new OutboundClients();
    const [first, second] = [
      clients.of({ ...OPEN, caCertificates: 'a' }),
      clients.of({ ...OPEN, caCertificates: 'b' }),
    ];
    for (let count = 0; count < 199; count++) {
      clients.of({ ...OPEN, caCertificates: String(count) });
      clients.of({ ...OPEN, caCertificates: 'a' });
    }
    expect(clients.of({ ...OPEN, caCertificates: 'a' })).toBe(first);
    expect(clients.of({ ...OPEN, caCertificates: 'b' })).not.toBe(second);
  });
});

const listening = (server: Server): Promise<void> =>
  new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () => {
      resolve();
    }),
  );
const portOf = (server: Server): number => (server.address() as AddressInfo).port;
