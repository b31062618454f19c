import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

/**
 * Stands between a client and the gateway, takes lines out of what GetCACaps offers, and counts how messages came. Both
 * clients choose between GET and POST by that answer alone: there is no option for it.
 */
export class CapabilityFilter {
  /** How the PKIOperations came: GET or POST, one entry each. */
  readonly methods: string[] = [];

  private constructor(
    private readonly server: Server,
    private readonly gateway: URL,
    private readonly hidden: readonly string[],
  ) {
    server.on('request', (incoming: IncomingMessage, answer: ServerResponse) => {
      this.pass(incoming, answer);
    });
  }

  /**
   * Begins to listen.
   *
   * @param gateway where to pass requests on to
   * @param hidden capabilities that clients do not get to see
   */
  static async start(gateway: URL, hidden: readonly string[] = []): Promise<CapabilityFilter> {
    const server = createServer({ maxHeaderSize: 64 * 1024 });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return new CapabilityFilter(server, gateway, hidden);
  }

  /** Where clients reach it. */
  get url(): URL {
    return new URL(`http://127.0.0.1:${(this.server.address() as AddressInfo).port}`);
  }

  /** Ends it. */
  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await once(this.server.close(), 'close');
  }

  private pass(incoming: IncomingMessage, answer: ServerResponse): void {
    const { method = 'GET', url: target = '/', headers } = incoming;
    const operation = /[?&]operation=([A-Za-z]+)/.exec(target)?.[1];
    if (operation === 'PKIOperation') this.methods.push(method);
    const { hostname: host, port } = this.gateway;
    // The request target goes on as it came: how clients escape it is part of what is tested.
    const outgoing = request({ host, port, method, path: target, headers, maxHeaderSize: 64 * 1024 }, (reply) => {
      void this.answer(reply, answer, operation);
    });
    outgoing.once('error', () => answer.destroy());
    incoming.pipe(outgoing);
  }

  private async answer(reply: IncomingMessage, answer: ServerResponse, operation: string | undefined): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of reply) chunks.push(chunk as Buffer);
    let body: Buffer = Buffer.concat(chunks);
    if (operation === 'GetCACaps') {
      const lines = body.toString('latin1').split('\n');
      body = Buffer.from(lines.filter((line) => !this.hidden.includes(line.trim())).join('\n'), 'latin1');
    }
    answer.writeHead(reply.statusCode ?? 502, {
      'content-type': reply.headers['content-type'] ?? 'application/octet-stream',
      'content-length': body.length,
    });
    answer.end(body);
  }
}
