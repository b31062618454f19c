import { rmSync, statSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256 } from '../../common/digest';
import { EmbeddedDatabaseError } from './embedded-database-error';

const ANSWER_TIMEOUT_MS = 1_000;

/**
 * Makes sure that one gateway only uses a data directory. The lock is a socket that is listened on, so it goes with the
 * process however that ends, and no stale one is ever found: on Linux in the abstract namespace, where not even a file
 * remains (unix(7)); elsewhere a file that nobody answers at is taken over.
 */
export class DirectoryLock {
  private constructor(private readonly server: Server) {}

  /**
   * @param directory exists
   * @throws EmbeddedDatabaseError if another process holds the lock, naming it
   */
  static async acquire(directory: string): Promise<DirectoryLock> {
    const address = addressOf(directory);
    const server = (await listen(address)) ?? (await takeOver(address));
    if (server !== undefined) return new DirectoryLock(server);
    const holder = await ask(address);
    throw new EmbeddedDatabaseError(
      `another gateway${holder === undefined ? '' : ` (process ${holder})`} uses the data directory ${directory}: ` +
        'stop it, or give this one another DATA_DIR',
    );
  }

  /** Lets the next one have the directory. */
  async release(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.server.close(() => {
        resolve();
      });
    });
  }
}

// By the directory's identity, for it may be reached by several names.
function addressOf(directory: string): string {
  const { dev, ino } = statSync(directory, { bigint: true });
  const name = `scep-gateway-${sha256(`${dev}:${ino}`).toString('hex').slice(0, 32)}`;
  return process.platform === 'linux' ? `\0${name}` : join(tmpdir(), `${name}.lock`);
}

async function listen(address: string): Promise<Server | undefined> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.end(String(process.pid));
  });
  server.unref();
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined);
      else reject(error);
    });
    // Not shared among the processes of a cluster.
    server.listen({ path: address, exclusive: true }, () => {
      resolve(server);
    });
  });
}

async function takeOver(address: string): Promise<Server | undefined> {
  if (process.platform === 'linux' || (await ask(address)) !== undefined) return undefined;
  rmSync(address, { force: true });
  return listen(address);
}

/** The process id of who listens, or undefined if nobody answers. */
async function ask(address: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect(address);
    socket.setTimeout(ANSWER_TIMEOUT_MS, () => socket.destroy());
    socket.once('data', (data) => {
      resolve(/^\d{1,10}$/.exec(data.toString())?.[0]);
      socket.destroy();
    });
    socket.once('error', () => {
      resolve(undefined);
    });
    socket.once('close', () => {
      resolve(undefined);
    });
  });
}
