import { realpathSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import type { Logger } from '../../common/logger';
import { sqlState } from '../connection-loss';
import { ensureDataDirectory, EMBEDDED_DATABASE, EMBEDDED_USER } from './data-directory';
import { DirectoryLock } from './directory-lock';
import { EmbeddedDatabaseError, USE_DATABASE_URL } from './embedded-database-error';
import { locateBinaries } from './postgres-binaries';
import { clearSocketDirectory, preparePostgresHome } from './postgres-home';
import type { PostgresHome } from './postgres-home';
import { serversOn } from './orphan-sessions';
import { disownPostmasterFile, postmasterState } from './postmaster-file';
import { PostmasterProcess } from './postmaster-process';

/** What an {@link EmbeddedPostgres} needs to know. */
export interface EmbeddedPostgresSettings {
  /** The gateway's data directory; made if need be. */
  readonly dataDir: string;
  readonly maxConnections: number;
  readonly logger: Logger;
  /** Further configuration parameters of PostgreSQL. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Told when it has ended unasked and could not be started again. */
  readonly onGivenUp?: (error: unknown) => void;
}

/** Unix socket only; and what a certificate authority cannot do without, whatever a postgresql.conf says. */
const PARAMETERS = {
  listen_addresses: '',
  unix_socket_permissions: '0700',
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  // The log goes through the gateway's; values of rows and statements stay out of it.
  logging_collector: 'off',
  log_destination: 'stderr',
  log_line_prefix: '',
  log_error_verbosity: 'terse',
  log_min_error_statement: 'panic',
  timezone: 'UTC',
};

const POLL_MS = 20;
const ORPHAN_GRACE_MS = 1_000;
const ORPHAN_END_MS = 60_000;
const READY_MS = 300_000;
const STOP_MS = 60_000;
const ATTEMPTS = 20;
const ATTEMPT_PAUSE_MS = 500;
/** What connections are told that come too early or too late. */
const OF_NO_INTEREST = /the database system is|terminating connection due to administrator command/;
/** What a start says that comes too soon after a postmaster was killed. */
const TOO_SOON = /lock file ".*" already exists|pre-existing shared memory block|is another postmaster/;

/**
 * A real PostgreSQL that belongs to one gateway: reachable by a Unix socket only, gone when the gateway is, started
 * again when it ends by itself.
 */
export class EmbeddedPostgres {
  private postmaster: PostmasterProcess | undefined;
  private toldToStop = false;

  private constructor(
    private readonly settings: EmbeddedPostgresSettings,
    private readonly lock: DirectoryLock,
    private readonly home: PostgresHome,
  ) {}

  /**
   * Starts PostgreSQL on `dataDir`, making its database if need be. Returns when it takes connections.
   *
   * @throws EmbeddedDatabaseError that says what to do
   */
  static async start(settings: EmbeddedPostgresSettings): Promise<EmbeddedPostgres> {
    const binaries = locateBinaries();
    await makeDirectory(settings.dataDir);
    const lock = await DirectoryLock.acquire(realpathSync(settings.dataDir));
    try {
      const home = preparePostgresHome(settings.dataDir, binaries, (text) => {
        settings.logger.warn(text);
      });
      await ensureDataDirectory(home, binaries.majorVersion);
      const postgres = new EmbeddedPostgres(settings, lock, home);
      await postgres.run();
      return postgres;
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  /** Where to connect to. The role may do everything. */
  get url(): string {
    return this.urlOf(EMBEDDED_DATABASE);
  }

  /** The same for another database in it. */
  urlOf(database: string): string {
    const parameters = new URLSearchParams({ host: this.home.socketDirectory, port: '5432' });
    return `postgresql://${EMBEDDED_USER}@/${encodeURIComponent(database)}?${parameters.toString()}`;
  }

  /** Ends PostgreSQL: open transactions are rolled back, everything committed is on disk. */
  async stop(): Promise<void> {
    this.toldToStop = true;
    const postmaster = this.postmaster;
    if (postmaster !== undefined && !(await this.hasEnded(postmaster))) {
      this.settings.logger.error('PostgreSQL has not ended in time; it will once it can');
    }
    await this.lock.release();
  }

  private async hasEnded(postmaster: PostmasterProcess): Promise<boolean> {
    const ended = postmaster.ended.then(() => true);
    postmaster.stop();
    if (await Promise.race([ended, patience(ORPHAN_GRACE_MS)])) return true;
    // It has a lot to write, or its watchdog was killed and has not told it.
    const found = postmasterState(this.home.dataDirectory);
    if (found.state === 'running') process.kill(found.pid, 'SIGINT');
    return Promise.race([ended, patience(STOP_MS)]);
  }

  private async run(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      await this.awaitPredecessor();
      if (this.isToldToStop()) return;
      const postmaster = this.spawn();
      if (await this.isReady(postmaster)) {
        this.watch(postmaster);
        return;
      }
      if (this.isToldToStop()) return;
      const lines = postmaster.lastLines.join('\n');
      if (attempt >= ATTEMPTS || !TOO_SOON.test(lines)) {
        throw new EmbeddedDatabaseError(`PostgreSQL did not start:\n${lines}`);
      }
      if (attempt > 1) this.endOrphans();
      await delay(ATTEMPT_PAUSE_MS);
    }
  }

  /** Ends what a killed postmaster left behind and what has not ended by itself; its transactions are rolled back. */
  private endOrphans(): void {
    // A postmaster that lives is ended by asking it.
    if (postmasterState(this.home.dataDirectory).state !== 'absent') return;
    for (const pid of serversOn(this.home.dataDirectory)) {
      this.settings.logger.warn(
        { session: pid },
        'ending a process of the former PostgreSQL that does not end by itself',
      );
      try {
        process.kill(pid, 'SIGKILL');
      } catch (error) {
        // Gone in between.
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
      }
    }
  }

  // A method, as the answer may change between two awaits.
  private isToldToStop(): boolean {
    return this.toldToStop;
  }

  private spawn(): PostmasterProcess {
    clearSocketDirectory(this.home);
    const { logger, maxConnections, parameters } = this.settings;
    const all = { ...PARAMETERS, max_connections: String(maxConnections), ...parameters };
    this.postmaster = new PostmasterProcess(this.home, all, (line) => {
      // Errors of statements are told to whoever sent them.
      if (/^(FATAL|PANIC|WARNING):/.test(line) && !OF_NO_INTEREST.test(line))
        logger.warn({ postgres: line }, 'PostgreSQL says');
      else logger.debug({ postgres: line }, 'PostgreSQL says');
    });
    return this.postmaster;
  }

  private watch(postmaster: PostmasterProcess): void {
    void postmaster.ended.then(async () => {
      if (this.isToldToStop()) return;
      this.settings.logger.error('PostgreSQL has ended unexpectedly; starting it again');
      try {
        await this.run();
        this.settings.logger.info('PostgreSQL runs again');
      } catch (error) {
        this.settings.onGivenUp?.(error);
      }
    });
  }

  /** Waits until the PostgreSQL of a gateway that is no more has ended: never two on one data directory. */
  private async awaitPredecessor(): Promise<void> {
    await this.refuseSharedSocket();
    for (let waited = 0; ; waited += POLL_MS) {
      const found = postmasterState(this.home.dataDirectory);
      if (found.state === 'absent') return;
      if (found.state === 'mistaken') {
        disownPostmasterFile(this.home.dataDirectory);
        return;
      }
      if (waited === 0)
        this.settings.logger.info({ postmaster: found.pid }, 'waiting for the former PostgreSQL to end');
      // Its gateway is gone, for this one holds the lock; if its watchdog is as well, nobody else will tell it.
      if (waited === ORPHAN_GRACE_MS && found.state === 'running') process.kill(found.pid, 'SIGINT');
      if (waited >= ORPHAN_GRACE_MS + ORPHAN_END_MS) {
        throw new EmbeddedDatabaseError(
          `process ${found.pid} is, or is taken for, a PostgreSQL on ${this.home.dataDirectory} and does not end: ` +
            'end it and start the gateway again',
        );
      }
      await delay(POLL_MS);
    }
  }

  /** A server that answers although no process of ours is to be seen runs in another container, on the same volume. */
  private async refuseSharedSocket(): Promise<void> {
    if (postmasterState(this.home.dataDirectory).state !== 'absent') return;
    const outcome = await this.probe();
    if (outcome !== 'ready' && outcome !== 'starting') return;
    throw new EmbeddedDatabaseError(
      `a PostgreSQL that is no process of this system answers in ${this.home.socketDirectory}: is the data directory ` +
        'shared with another container? Stop that one, or give this one another DATA_DIR',
    );
  }

  private async isReady(postmaster: PostmasterProcess): Promise<boolean> {
    for (let waited = 0; postmaster.isRunning; waited += POLL_MS) {
      if ((await this.probe()) === 'ready') return true;
      if (waited >= READY_MS) {
        postmaster.stop();
        throw new EmbeddedDatabaseError('PostgreSQL took too long to recover; start the gateway again');
      }
      await Promise.race([delay(POLL_MS), postmaster.ended]);
    }
    return false;
  }

  private async probe(): Promise<'ready' | 'starting' | 'absent'> {
    const client = new Client({ connectionString: this.url, connectionTimeoutMillis: STOP_MS });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return 'ready';
    } catch (error) {
      return sqlState(error) === undefined ? 'absent' : 'starting';
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}

/** Resolves to false after a while, without keeping the process alive. */
async function patience(milliseconds: number): Promise<boolean> {
  await delay(milliseconds, undefined, { ref: false });
  return false;
}

async function makeDirectory(directory: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const why = `the data directory ${directory} cannot be made (${code ?? 'unknown cause'})`;
    throw new EmbeddedDatabaseError(`${why}: choose another DATA_DIR, or ${USE_DATABASE_URL}`, { cause });
  }
}
