import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { HttpConnection, requestBytes } from '../../bench/http-connection';
import { type LoadPlan, runLoad } from '../../bench/load';

let server: Server;
afterEach(() => once(server.close(), 'close'));

async function serve(created: Server): Promise<{ host: string; port: number }> {
  server = created;
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
}

/** A server that sends prepared bytes in these pieces to whoever connects, then closes if told so. */
const speaker = (pieces: readonly string[], closes = false): Server =>
  createServer((socket) => {
    socket.setNoDelay(true);
    socket.once('data', () => {
      const next = (index: number): void => {
        const piece = pieces[index];
        if (piece === undefined) {
          if (closes) socket.destroy();
        } else {
          socket.write(piece, () => setImmediate(next, index + 1));
        }
      };
      next(0);
    });
    socket.on('error', () => undefined);
  });

describe('HttpConnection', () => {
  const ask = async (pieces: readonly string[], closes = false): Promise<{ status: number; body: string }> => {
    const endpoint = await serve(speaker(pieces, closes));
    const connection = new HttpConnection(endpoint, true);
    try {
      const { status, body } = await connection.send(requestBytes('GET', '/', endpoint));
      return { status, body: body.toString() };
    } finally {
      connection.close();
    }
  };

  test('reads an answer that comes in pieces', async () => {
    const pieces = ['HTTP/1.1 200', ' OK\r\nContent-', 'Length: 5\r\n\r', '\nhe', 'llo'];
    await expect(ask(pieces)).resolves.toEqual({ status: 200, body: 'hello' });
  });

  test('fails when the connection ends too soon', async () => {
    const pieces = ['HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel'];
    await expect(ask(pieces, true)).rejects.toThrow('connection lost');
  });

  test('fails when there is no Content-Length', async () => {
    await expect(ask(['HTTP/1.1 200 OK\r\n\r\nhello'])).rejects.toThrow('Content-Length');
  });

  test('fails when nobody listens', async () => {
    const endpoint = await serve(speaker([]));
    await once(server.close(), 'close');
    await expect(new HttpConnection(endpoint, true).send(requestBytes('GET', '/', endpoint))).rejects.toThrow();
    server.listen();
    await once(server, 'listening');
  });
});

describe('runLoad', () => {
  async function load(changes: Partial<LoadPlan>): Promise<{ paths: string[]; sockets: Set<unknown>; plan: LoadPlan }> {
    const paths: string[] = [];
    const sockets = new Set<unknown>();
    const endpoint = await serve(
      createHttpServer((request, response) => {
        paths.push(request.url ?? '');
        sockets.add(request.socket);
        response.writeHead(request.url === '/refused' ? 503 : 200, { 'content-length': '2' }).end('ok');
      }),
    );
    const plan: LoadPlan = {
      endpoint,
      shape: { kind: 'closed', concurrency: 2 },
      reuse: true,
      size: 6,
      seconds: 30,
      requests: (index) => [requestBytes('GET', `/${index}`, endpoint)],
      complaint: () => undefined,
      ...changes,
    };
    return { paths, sockets, plan };
  }

  test('closed loop: every request once, on kept connections', async () => {
    const { paths, sockets, plan } = await load({});
    const { succeeded, failures, latenciesMs } = await runLoad(plan);
    expect({ succeeded, failures: failures.size, latencies: latenciesMs.length }).toEqual({
      succeeded: 6,
      failures: 0,
      latencies: 6,
    });
    expect(paths.sort()).toEqual(['/0', '/1', '/2', '/3', '/4', '/5']);
    expect(sockets.size).toBeLessThanOrEqual(2);
  });

  test('without reuse: a connection for each request', async () => {
    const { sockets, plan } = await load({ reuse: false });
    await runLoad(plan);
    expect(sockets.size).toBe(6);
  });

  test('fixed rate: every request once, not before it is due', async () => {
    const { paths, plan } = await load({ shape: { kind: 'fixed', perSecond: 100 } });
    const { succeeded, elapsedMs } = await runLoad(plan);
    expect(succeeded).toBe(6);
    expect(paths).toHaveLength(6);
    expect(elapsedMs).toBeGreaterThanOrEqual(50);
  });

  test('what fails is counted by cause and is no success', async () => {
    const { plan } = await load({});
    const { succeeded, failures } = await runLoad({
      ...plan,
      requests: (index) => [requestBytes('GET', index < 2 ? '/refused' : '/fine', plan.endpoint)],
      complaint: (index) => (index === 5 ? 'FAILURE' : undefined),
    });
    expect(succeeded).toBe(3);
    expect(Object.fromEntries(failures)).toEqual({ 'HTTP 503': 2, FAILURE: 1 });
  });
});
