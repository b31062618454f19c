import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { DrainingServer, ListenError } from './draining-server';

const REQUEST = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';

describe('DrainingServer', () => {
  let waiting: ((response: ServerResponse) => void)[];
  let server: DrainingServer;
  let port: number;

  beforeEach(async () => {
    waiting = [];
    const http = createServer((_request, response) => {
      waiting.shift()?.(response);
    });
    server = new DrainingServer(http);
    port = (await server.listen('127.0.0.1', 0, 'PUBLIC')).port;
  });

  afterEach(async () => {
    await server.drain();
  });

  const nextRequest = (): Promise<ServerResponse> => new Promise((resolve) => waiting.push(resolve));
  const open = async (): Promise<Socket> => {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return socket;
  };

  it('lets a request finish that is under way, says that the connection closes, and closes it', async () => {
    const arrived = nextRequest();
    const client = await open();
    client.write(REQUEST);
    const response = await arrived;
    const drained = server.drain();
    response.end('done');
    const answer = await text(client);
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(answer).toMatch(/Connection: close\r\n/i);
    expect(answer).toMatch(/done/);
    await drained;
  });

  it('closes a connection whose answer had begun when the end came', async () => {
    const arrived = nextRequest();
    const client = await open();
    client.write(REQUEST);
    const response = await arrived;
    response.writeHead(200, { 'Content-Length': 4 });
    response.write('do');
    await once(client, 'data');
    const drained = server.drain();
    response.end('ne');
    await once(client, 'close');
    await drained;
  });

  it('closes connections that are idle, or never asked for anything, or asked for half of something', async () => {
    const arrived = nextRequest();
    const idle = await open();
    idle.write(REQUEST);
    (await arrived).end('done');
    await once(idle, 'data');
    const silent = await open();
    const half = await open();
    half.write('GET / HTTP/1.1\r\nHo');
    const closed = [idle, silent, half].map(async (socket) => once(socket, 'close'));
    for (const socket of [silent, half]) socket.resume();
    // The server has accepted the connections once it answers on a later one.
    const later = nextRequest();
    const last = await open();
    last.write(REQUEST);
    (await later).end();
    await once(last, 'data');
    await server.drain();
    await Promise.all(closed);
  });

  it('takes no connection any more', async () => {
    await server.drain();
    await expect(open()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('says why it cannot listen, and which variable to set', async () => {
    const other = new DrainingServer(createServer());
    await expect(other.listen('127.0.0.1', port, 'PUBLIC')).rejects.toThrow(ListenError);
    await expect(other.listen('127.0.0.1', port, 'ADMIN')).rejects.toThrow(
      /another program uses it \(EADDRINUSE\); ADMIN_PORT sets another one$/,
    );
    await expect(other.listen('192.0.2.1', 0, 'ADMIN')).rejects.toThrow(/no such address .*ADMIN_HOST/);
  });
});
