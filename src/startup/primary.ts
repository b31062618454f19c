import cluster from 'node:cluster';
import type { Worker } from 'node:cluster';
import { SystemClock } from '../common/clock';
import type { Clock } from '../common/clock';
import { createLogger } from '../common/logger';
import type { Logger } from '../common/logger';
import { SystemRandomSource } from '../common/random-source';
import { loadConfig } from '../config/environment';
import { supplyDatabase } from './database-supply';
import type { DatabaseSupply } from './database-supply';
import { isMessage, WORKER_COMMAND } from './worker-message';
import type { DrainMessage, ReadyMessage } from './worker-message';

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 10_000;
/** Longer than the longest answer takes: a statement is given ten seconds. */
const DRAIN_DEADLINE_MS = 20_000;
/** A worker that lived so long did not fail at its start. */
const STEADY_AFTER_MS = 60_000;

/**
 * The supervisor of a gateway: has a database, starts the workers and replaces those that die, and ends all of it on
 * SIGTERM. It serves nothing itself, and no worker outlives it.
 *
 * Resolves when the gateway serves.
 */
export async function runPrimary(): Promise<void> {
  const config = loadConfig();
  const logger = createLogger(config.logLevel);
  const ending = new Ending(logger);
  const supply = await supplyDatabase(config, logger, new SystemRandomSource(), (error) => {
    logger.fatal({ err: error }, 'the database has ended and cannot be started again');
    ending.begin(1);
  });
  // Spares each new connection the way through the primary (docs/adr/0009).
  cluster.schedulingPolicy = cluster.SCHED_NONE;
  const crew = new Crew(supply.environment, new SystemClock(), logger);
  ending.arm(crew, supply);
  // It prepares the database; the others have nothing to do before that.
  const ready = await crew.startFirst();
  if (ready === undefined) {
    ending.begin(1);
    return;
  }
  const milliseconds = Math.round(process.uptime() * 1000);
  const { publicPort, adminPort, ndesPort } = ready;
  logger.info({ publicPort, adminPort, ndesPort, milliseconds }, 'ready');
  for (let count = 1; count < config.workers; count++) crew.start();
}

/** The workers of a gateway. */
class Crew {
  private closing = false;
  private failures = 0;

  constructor(
    private readonly environment: Readonly<Record<string, string>>,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /** Starts the worker that prepares the database. Resolves to undefined if it ends before it serves. */
  async startFirst(): Promise<ReadyMessage | undefined> {
    const worker = this.fork([WORKER_COMMAND, 'first']);
    return new Promise((resolve) => {
      const began = this.clock.now().getTime();
      worker.once('exit', () => {
        resolve(undefined);
      });
      worker.on('message', (message) => {
        if (!isMessage<ReadyMessage>(message, 'ready')) return;
        worker.removeAllListeners('exit');
        this.replaceAtEnd(worker, began);
        resolve(message);
      });
    });
  }

  /** Starts a worker, and another one whenever it ends. */
  start(): void {
    if (this.closing) return;
    this.replaceAtEnd(this.fork([WORKER_COMMAND]), this.clock.now().getTime());
  }

  /** Lets all workers finish what is under way. Resolves when none is left. */
  async drain(): Promise<void> {
    this.closing = true;
    // One that is dead may still be listed for a moment, and ends no second time.
    const listed = Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined);
    const workers = listed.filter((worker) => !worker.isDead());
    const drain: DrainMessage = { type: 'drain' };
    await Promise.all(
      workers.map(async (worker) => {
        const ended = new Promise((resolve) => worker.once('exit', resolve));
        if (worker.isConnected()) worker.send(drain);
        // One that hangs must not keep the whole gateway from ending; what it has committed is committed.
        const deadline = setTimeout(() => {
          this.logger.error({ worker: worker.process.pid }, 'a worker did not end in time; it is killed');
          worker.process.kill('SIGKILL');
        }, DRAIN_DEADLINE_MS);
        await ended;
        clearTimeout(deadline);
      }),
    );
  }

  private fork(args: string[]): Worker {
    cluster.setupPrimary({ args });
    const worker = cluster.fork(this.environment);
    this.logger.debug({ worker: worker.process.pid }, 'started a worker');
    return worker;
  }

  private replaceAtEnd(worker: Worker, began: number): void {
    worker.once('exit', (code: number | null, signal: string | null) => {
      if (this.closing) return;
      const lived = this.clock.now().getTime() - began;
      this.failures = lived >= STEADY_AFTER_MS ? 0 : this.failures + 1;
      const pause = Math.min(FIRST_PAUSE_MS * 2 ** this.failures, LONGEST_PAUSE_MS);
      this.logger.error({ worker: worker.process.pid, code, signal, pause }, 'a worker has ended; starting another');
      setTimeout(() => {
        this.start();
      }, pause);
    });
  }
}

/** Ends the gateway once: first the workers, then the database. */
class Ending {
  private code: number | undefined;
  private crew: Crew | undefined;
  private supply: DatabaseSupply | undefined;

  constructor(private readonly logger: Logger) {
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
      process.on(signal, () => {
        this.logger.info({ signal }, 'stopping');
        this.begin(0);
      });
    }
  }

  /** What there is to end; if the end was asked for already, it comes now. */
  arm(crew: Crew, supply: DatabaseSupply): void {
    this.crew = crew;
    this.supply = supply;
    if (this.code !== undefined) void this.end(this.code);
  }

  /** Ends everything, then the process. The first call's code counts. */
  begin(code: number): void {
    if (this.code !== undefined) return;
    this.code = code;
    // Before there is anything to end, arm() does it as soon as the database is up.
    if (this.crew !== undefined) void this.end(code);
  }

  private async end(code: number): Promise<void> {
    await this.crew?.drain();
    await this.supply?.stop();
    this.logger.info('stopped');
    process.exit(code);
  }
}
