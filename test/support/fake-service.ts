import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** What the service was asked. */
export interface ReceivedRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** What it answers. */
export interface FakeAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** A value is sent as JSON, a text as it is. */
  readonly body?: unknown;
}

/** Ways of a service to misbehave on the wire. */
export type FakeFault =
  /** Takes the request and says nothing. */
  | 'silent'
  /** Says that there is an answer, and never ends it. */
  | 'slow'
  /** Sends without an end. */
  | 'endless'
  /** Says that there is more to come than anybody wants. */
  | 'huge'
  /** Hangs up without a word. */
  | 'closing'
  /** Hangs up in the middle of its answer. */
  | 'breaking'
  /** Says something that is no HTTP. */
  | 'babbling'
  /** Changes to another protocol. */
  | 'switching';

/** Decides what a request gets. */
export type FakeBehaviour = (request: ReceivedRequest, count: number) => FakeAnswer | FakeFault;

/** Somebody else's HTTP service, which keeps what it was asked and can misbehave in every way. */
export class FakeService {
  readonly requests: ReceivedRequest[] = [];
  private behaviour: FakeBehaviour = () => ({ body: {} });
  private readonly arrivals: (() => void)[] = [];

  private constructor(
    private readonly server: ReturnType<typeof createServer>,
    private readonly scheme: 'http' | 'https',
  ) {}

  /** Starts one on the loopback interface. @param tls PEM, for https */
  static async start(tls?: { readonly key: string; readonly cert: string }): Promise<FakeService> {
    const server = tls === undefined ? createServer() : createTlsServer(tls);
    const service = new FakeService(server, tls === undefined ? 'http' : 'https');
    server.on('request', (request, response) => void service.take(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return service;
  }

  /** Its port. */
  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** The URL of a path of it. @param host that leads here */
  url(path = '/', host = '127.0.0.1'): string {
    return `${this.scheme}://${host}:${this.port}${path}`;
  }

  /** From now on it behaves so; what it was asked before is forgotten. */
  behave(behaviour: FakeBehaviour | FakeAnswer | FakeFault): void {
    this.requests.length = 0;
    this.behaviour = typeof behaviour === 'function' ? behaviour : () => behaviour;
  }

  /** Resolves when the next request has come. */
  nextRequest(): Promise<void> {
    return new Promise((resolve) => this.arrivals.push(resolve));
  }

  /** How many connections are open. */
  connections(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.server.getConnections((error, count) => {
        if (error) reject(error);
        else resolve(count);
      });
    });
  }

  /** Stops it, whatever it is still doing. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    await closed;
  }

  private async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url: path = '', headers } = request;
    const received = { method, path, headers, body: await text(request) };
    this.requests.push(received);
    const answer = this.behaviour(received, this.requests.length);
    if (typeof answer === 'string') misbehave(answer, response);
    else {
      const body = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body ?? {});
      response.writeHead(answer.status ?? 200, { 'content-type': 'application/json', ...answer.headers }).end(body);
    }
    for (const arrived of this.arrivals.splice(0)) arrived();
  }
}

function misbehave(fault: FakeFault, response: ServerResponse): void {
  switch (fault) {
    case 'silent':
      return;
    case 'slow':
      response.writeHead(200, { 'content-type': 'application/json' }).write('{');
      return;
    case 'endless': {
      const chunk = Buffer.alloc(16_384, ' ');
      const more = (): void => {
        while (!response.destroyed && response.write(chunk));
      };
      response.writeHead(200, { 'content-type': 'application/json' }).on('drain', more);
      more();
      return;
    }
    case 'huge':
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '99999999' }).write('{}');
      return;
    case 'closing':
      response.socket?.destroy();
      return;
    case 'breaking':
      response
        .writeHead(200, { 'content-length': '100' })
        .write('{"decision":"allow"}', () => response.socket?.destroy());
      return;
    case 'babbling':
      response.socket?.end('220 mail.example.test ESMTP\r\n');
      return;
    case 'switching':
      response.socket?.write('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: other\r\n\r\n');
      return;
  }
}
