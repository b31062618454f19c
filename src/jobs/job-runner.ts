import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { LOGGER, type Logger } from '../common/logger';
import { AdvisoryLock } from '../database/advisory-lock';
import { JOBS, type Job } from './job';

/** Pause before the first run: what is due after a long standstill is done soon, but not while the gateway starts. */
const FIRST_RUN_AFTER_MS = 15_000;

/** Runs each job from time to time, in this process if no other is at it. */
@Injectable()
export class JobRunner implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly timers = new Map<Job, NodeJS.Timeout>();
  private readonly running = new Set<Promise<void>>();
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
    await Promise.all(this.running);
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
    const timer = setTimeout(() => {
      const run = this.runOnce(job).finally(() => {
        this.running.delete(run);
        // From the end of one run to the begin of the next, so a slow job never overtakes itself.
        if (!this.stopped) this.schedule(job, job.everyMs);
      });
      this.running.add(run);
    }, afterMs);
    this.timers.set(job, timer.unref());
  }
}
