import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { LOGGER, type Logger } from '../common/logger';
import { AdvisoryLock } from '../database/advisory-lock';
import { JOBS, type Job } from './job';

/** Pause before the first run: what is due after a long standstill is done soon, but not while the gateway starts. */
const FIRST_RUN_AFTER_MS = 15_000;

/**
 * Runs each job from time to time, in this process if no other is at it. One after the other: each keeps a connection for
 * its lock while its work takes more, and jobs that are due together would leave none in the pool, for devices neither.
 */
@Injectable()
export class JobRunner implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly timers = new Map<Job, NodeJS.Timeout>();
  /** Ends with the last job that is due. */
  private queue: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(
    @Inject(JOBS) private readonly jobs: readonly Job[],
    private readonly advisoryLock: AdvisoryLock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Sets the timers. They do not keep the process alive. */
  onApplicationBootstrap(): void {
    for (const job of this.jobs) this.schedule(job, FIRST_RUN_AFTER_MS);
  }

  /** Clears the timers and waits for what is running. */
  async onApplicationShutdown(): Promise<void> {
    this.stopped = true;
    for (const timer of this.timers.values()) clearTimeout(timer);
    await this.queue;
  }

  /** Runs a job once unless another process is running it. A failure is logged, not thrown: the next run may succeed. */
  async runOnce(job: Job): Promise<void> {
    try {
      const { acquired } = await this.advisoryLock.tryLock(`jobs/${job.name}`, () => job.run());
      this.logger.debug({ job: job.name, acquired }, acquired ? 'job done' : 'job is being done elsewhere');
    } catch (error) {
      this.logger.error({ err: error, job: job.name }, 'job failed');
    }
  }

  private schedule(job: Job, afterMs: number): void {
    if (this.stopped) return;
    const timer = setTimeout(() => {
      this.queue = this.queue.then(async () => {
        if (!this.stopped) await this.runOnce(job);
        // From the end of one run to the begin of the next, so a slow job never overtakes itself.
        this.schedule(job, job.everyMs);
      });
    }, afterMs);
    this.timers.set(job, timer.unref());
  }
}
