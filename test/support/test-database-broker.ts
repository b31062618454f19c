import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { createLogger } from '../../src/common/logger';
import { createDataSource } from '../../src/database/data-source';
import { EmbeddedPostgres } from '../../src/database/embedded/embedded-postgres';
import { migrate } from '../../src/database/migrator';

/** Variable by which test files find the broker of their run. */
export const BROKER_VARIABLE = 'SCEP_GATEWAY_TEST_DATABASE_BROKER';

/** What the broker answers: a server, and the name of a migrated database on it to copy. */
export interface TestServer {
  /** Of a database to connect to for creating others. */
  readonly url: string;
  readonly template: string;
}

const PREFIX = 'scep-gateway-test-';

/**
 * Lives in jest's main process and gives all test files of the run one PostgreSQL: the one TEST_DATABASE_URL names, or an
 * embedded one. It starts when the first test asks, so a run of pure unit tests pays nothing. Each run has its own, in a
 * directory named by the process; PostgreSQL's watchdog ends it however the run ends.
 */
export class TestDatabaseBroker {
  private postgres: EmbeddedPostgres | undefined;
  private server: Promise<TestServer> | undefined;
  private readonly directory: string;
  private readonly listener: Server;

  private constructor() {
    removeLeftovers();
    this.directory = mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`));
    // Databases in it may run as another user, who must be able to pass.
    chmodSync(this.directory, 0o711);
    this.listener = createServer((socket) => {
      socket.on('error', () => undefined);
      this.server ??= this.start();
      this.server.then(
        (server) => socket.end(JSON.stringify(server)),
        (error: unknown) => socket.end(JSON.stringify({ error: String(error) })),
      );
    });
  }

  /** Makes a broker that test files find by the environment. */
  static async open(): Promise<TestDatabaseBroker> {
    const broker = new TestDatabaseBroker();
    const path = join(broker.directory, 'broker');
    await new Promise<void>((resolve) => broker.listener.listen(path, resolve));
    process.env[BROKER_VARIABLE] = path;
    return broker;
  }

  /** Ends the database and removes every trace. */
  async close(): Promise<void> {
    this.listener.close();
    const server = await this.server?.catch(() => undefined);
    if (this.postgres !== undefined) await this.postgres.stop();
    else if (server !== undefined) await execute(server.url, `drop database if exists "${server.template}"`);
    rmSync(this.directory, { recursive: true, force: true });
  }

  private async start(): Promise<TestServer> {
    const given = process.env.TEST_DATABASE_URL;
    const url = given ?? (await this.startEmbedded());
    const template = `scep_test_template_${process.pid}`;
    await execute(url, `drop database if exists "${template}"`);
    await execute(url, `create database "${template}"`);
    const dataSource = createDataSource({ url: withDatabase(url, template), poolSize: 2, statementTimeoutMs: 0 });
    await dataSource.initialize();
    await migrate(dataSource);
    await dataSource.destroy();
    return { url, template };
  }

  private async startEmbedded(): Promise<string> {
    this.postgres = await EmbeddedPostgres.start({
      dataDir: join(this.directory, 'data'),
      maxConnections: 200,
      logger: createLogger('error'),
      // A test database survives no crash, and need not.
      parameters: { fsync: 'off', full_page_writes: 'off', shared_buffers: '32MB' },
    });
    return this.postgres.url;
  }
}

/** The same server, another database. */
export function withDatabase(url: string, database: string): string {
  return url.replace(/^(postgres(?:ql)?:\/\/[^/]*)\/[^?]*/, `$1/${database}`);
}

/** Runs one statement on a connection of its own. */
export async function execute(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

/** Directories of runs that were killed. */
function removeLeftovers(): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1];
    if (pid === undefined || isAlive(Number(pid))) continue;
    // Another run may be removing it as well, or it may belong to another user.
    try {
      rmSync(join(tmpdir(), name), { recursive: true, force: true });
    } catch {
      continue;
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
