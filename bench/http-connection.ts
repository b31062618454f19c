import { connect, type Socket } from 'node:net';

/** The answer to one request. */
export interface HttpReply {
  readonly status: number;
  readonly body: Buffer;
}

/** Where to connect to. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

const END_OF_HEAD = Buffer.from('\r\n\r\n');
const NOTHING = Buffer.alloc(0);

/**
 * One HTTP/1.1 connection that sends prepared bytes, one request at a time. It knows just enough HTTP to find the end of an
 * answer with a Content-Length: node:http costs several times as much, on the cores that the gateway is measured on.
 */
export class HttpConnection {
  private socket: Socket | undefined;
  private received: Buffer = NOTHING;
  private waiting: { resolve: (reply: HttpReply) => void; reject: (error: Error) => void } | undefined;

  /**
   * @param endpoint the server
   * @param reuse whether the connection stays for the next request
   */
  constructor(
    private readonly endpoint: Endpoint,
    private readonly reuse: boolean,
  ) {}

  /**
   * Sends a request and waits for the answer.
   *
   * @param request head and body
   * @throws Error when the connection fails or ends before the answer is complete
   */
  send(request: Buffer): Promise<HttpReply> {
    return new Promise((resolve, reject) => {
      this.waiting = { resolve, reject };
      this.socket ??= this.open();
      this.socket.write(request);
    });
  }

  /** Closes the connection; an answer that is waited for will not come. */
  close(): void {
    this.socket?.destroy();
    this.socket = undefined;
    this.fail(new Error('connection closed'));
  }

  private open(): Socket {
    const socket = connect({ ...this.endpoint, noDelay: true });
    const end = (error: Error): void => {
      // A socket that was given up before has nothing more to say.
      if (this.socket !== socket) return;
      this.socket = undefined;
      this.received = NOTHING;
      socket.destroy();
      this.fail(error);
    };
    socket.on('data', (chunk) => {
      this.receive(chunk, end);
    });
    socket.once('error', end);
    socket.once('close', () => {
      end(new Error('connection lost'));
    });
    return socket;
  }

  private receive(chunk: Buffer, end: (error: Error) => void): void {
    this.received = this.received.length === 0 ? chunk : Buffer.concat([this.received, chunk]);
    const headLength = this.received.indexOf(END_OF_HEAD);
    if (headLength < 0) return;
    const head = parseHead(this.received.toString('latin1', 0, headLength));
    if (head === undefined) {
      end(new Error('an answer without status or Content-Length'));
      return;
    }
    const start = headLength + END_OF_HEAD.length;
    if (this.received.length < start + head.contentLength) return;
    const body = this.received.subarray(start, start + head.contentLength);
    this.received = NOTHING;
    const { waiting } = this;
    this.waiting = undefined;
    if (!this.reuse || head.closes) {
      this.socket?.end();
      this.socket = undefined;
    }
    waiting?.resolve({ status: head.status, body });
  }

  private fail(error: Error): void {
    const { waiting } = this;
    this.waiting = undefined;
    waiting?.reject(error);
  }
}

function parseHead(head: string): { status: number; contentLength: number; closes: boolean } | undefined {
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1];
  const contentLength = /^content-length: *(\d+)/im.exec(head)?.[1];
  if (status === undefined || contentLength === undefined) return undefined;
  return {
    status: Number(status),
    contentLength: Number(contentLength),
    closes: /^connection: *close/im.test(head),
  };
}

/** Head of an HTTP request to `endpoint`, or a whole one without a body. */
export function requestBytes(method: 'GET' | 'POST', target: string, endpoint: Endpoint, body?: Buffer): Buffer {
  const lines = [`${method} ${target} HTTP/1.1`, `Host: ${endpoint.host}:${endpoint.port}`];
  if (body !== undefined) lines.push('Content-Type: application/x-pki-message', `Content-Length: ${body.length}`);
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), body ?? NOTHING]);
}
