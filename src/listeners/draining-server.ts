import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { Server as TlsServer } from 'node:tls';

/** Of both listeners. A request of 2048 bits in a GET has 4 kB of headers, one of ISE with its chain 16 kB. */
export const SERVER_OPTIONS = {
  maxHeaderSize: 64 * 1024,
  // Old Cisco IOS and others leave it out (RFC 9112 demands it).
  requireHostHeader: false,
  // Against clients that send a byte at a time.
  headersTimeout: 15_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 5_000,
  // Longer than balancers keep theirs, or they would send into a connection that is just being closed.
  keepAliveTimeout: 65_000,
} as const;

/** Shorter than the ten seconds that `docker stop` waits. */
const DRAIN_MS = 8_000;

/** A listener cannot be opened. The message says why. */
export class ListenError extends Error {
  constructor(message: string, options: ErrorOptions) {
    super(message, options);
    this.name = 'ListenError';
  }
}

/** What the environment variables of a listener begin with (docs/configuration.md). */
export type ListenerName = 'PUBLIC' | 'ADMIN' | 'NDES';

function reasonOf(code: string | undefined, name: ListenerName): string {
  if (code === 'EADDRINUSE') return `another program uses it (EADDRINUSE); ${name}_PORT sets another one`;
  if (code === 'EACCES') return `this user may not (EACCES); ${name}_PORT sets another one`;
  if (code === 'EADDRNOTAVAIL') return `this machine has no such address (EADDRNOTAVAIL): see ${name}_HOST`;
  return code ?? 'unknown cause';
}

/** An HTTP server that ends without cutting anyone off. */
export class DrainingServer {
  /** The open connections, and what is being answered on each. */
  private readonly connections = new Map<Socket, Set<ServerResponse>>();
  private draining = false;

  /** @param server not listening yet */
  constructor(private readonly server: Server) {
    // A connection of a TLS server takes requests under another object than the one that `connection` tells of.
    server.on(server instanceof TlsServer ? 'secureConnection' : 'connection', (socket: Socket) => {
      this.connections.set(socket, new Set());
      socket.once('close', () => {
        this.connections.delete(socket);
      });
    });
    // Before whatever answers: the header must be set before it is sent.
    server.prependListener('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
      const responses = this.connections.get(socket);
      responses?.add(response);
      if (this.draining) closeAfterwards(response);
      response.once('close', () => {
        responses?.delete(response);
        if (this.draining && responses?.size === 0) socket.destroySoon();
      });
    });
  }

  /**
   * Begins to listen.
   *
   * @param port 0: any free one
   * @param name of the listener, for the message
   * @returns where it listens
   * @throws ListenError if the system does not let it
   */
  async listen(host: string, port: number, name: ListenerName): Promise<AddressInfo> {
    try {
      return await this.tryListen(host, port);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // Systems without IPv6, which say so in two ways.
      if (host === '::' && /^(EAFNOSUPPORT|EADDRNOTAVAIL)$/.test(code ?? '')) return this.listen('0.0.0.0', port, name);
      throw new ListenError(`cannot listen on port ${port} of ${host}: ${reasonOf(code, name)}`, { cause: error });
    }
  }

  /** Takes no more connections, lets the requests that are under way finish, and closes every connection after its last. */
  async drain(): Promise<void> {
    if (this.draining || !this.server.listening) return;
    this.draining = true;
    const closed = new Promise<void>((resolve) => {
      this.server.close(() => {
        resolve();
      });
    });
    for (const [socket, responses] of this.connections) {
      // Also those that have sent half a request: nothing of it was done, and the client may ask elsewhere.
      if (responses.size === 0) socket.destroySoon();
      else responses.forEach(closeAfterwards);
    }
    const deadline = setTimeout(() => {
      for (const socket of this.connections.keys()) socket.destroy();
    }, DRAIN_MS);
    await closed;
    clearTimeout(deadline);
  }

  private async tryListen(host: string, port: number): Promise<AddressInfo> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen({ host, port }, () => {
        this.server.off('error', reject);
        resolve();
      });
    });
    return this.server.address() as AddressInfo;
  }
}

function closeAfterwards(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader('Connection', 'close');
}
