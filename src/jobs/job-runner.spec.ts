import { createLogger } from '../common/logger';
import type { AdvisoryLock } from '../database/advisory-lock';
import type { Job } from './job';
import { JobRunner } from './job-runner';

/** Locks of one database, for two gateways in one process. */
class FakeLock implements Pick<AdvisoryLock, 'tryLock'> {
  readonly held = new Set<string>();

  async tryLock<T>(name: string, work: () => Promise<T>): Promise<{ acquired: true; value: T } | { acquired: false }> {
    if (this.held.has(name)) return { acquired: false };
    this.held.add(name);
    try {
      return { acquired: true, value: await work() };
    } finally {
      this.held.delete(name);
    }
  }
}

class CountingJob implements Job {
  readonly name = 'counting';
  readonly everyMs = 60_000;
  runs = 0;
  finish: (() => void) | undefined;
  fails = false;

  async run(): Promise<void> {
    this.runs++;
    if (this.fails) throw new Error('nothing works');
    await new Promise<void>((resolve) => (this.finish = resolve));
  }
}

const runnerOf = (job: Job | readonly Job[], lock: FakeLock): JobRunner =>
  new JobRunner([job].flat(), lock as unknown as AdvisoryLock, createLogger('silent'));

describe('JobRunner', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  it('runs a job soon after the start, and again a pause after its end', async () => {
    const job = new CountingJob();
    const runner = runnerOf(job, new FakeLock());
    runner.onApplicationBootstrap();
    expect(job.runs).toBe(0);
    await jest.advanceTimersByTimeAsync(15_000);
    expect(job.runs).toBe(1);
    await jest.advanceTimersByTimeAsync(600_000);
    expect(job.runs).toBe(1);
    job.finish!();
    await jest.advanceTimersByTimeAsync(59_999);
    expect(job.runs).toBe(1);
    await jest.advanceTimersByTimeAsync(1);
    expect(job.runs).toBe(2);
  });

  it('leaves a job alone that another gateway is running', async () => {
    const [job, lock] = [new CountingJob(), new FakeLock()];
    const [one, other] = [runnerOf(job, lock), runnerOf(job, lock)];
    const running = one.runOnce(job);
    await other.runOnce(job);
    expect(job.runs).toBe(1);
    job.finish!();
    await running;
    const again = other.runOnce(job);
    expect(job.runs).toBe(2);
    job.finish!();
    await again;
  });

  it('runs jobs that are due together one after the other, and none behind the end', async () => {
    const jobs = [new CountingJob(), new CountingJob(), new CountingJob()] as const;
    const runner = runnerOf(jobs, new FakeLock());
    runner.onApplicationBootstrap();
    await jest.advanceTimersByTimeAsync(15_000);
    expect(jobs.map(({ runs }) => runs)).toEqual([1, 0, 0]);
    jobs[0].finish!();
    await jest.advanceTimersByTimeAsync(0);
    expect(jobs.map(({ runs }) => runs)).toEqual([1, 1, 0]);
    const ending = runner.onApplicationShutdown();
    jobs[1].finish!();
    await ending;
    expect(jobs.map(({ runs }) => runs)).toEqual([1, 1, 0]);
  });

  it('goes on after a failure', async () => {
    const job = new CountingJob();
    job.fails = true;
    const runner = runnerOf(job, new FakeLock());
    runner.onApplicationBootstrap();
    await jest.advanceTimersByTimeAsync(15_000 + 3 * 60_000);
    expect(job.runs).toBe(4);
  });

  it('waits at the end for what is running, and starts nothing more', async () => {
    const job = new CountingJob();
    const runner = runnerOf(job, new FakeLock());
    runner.onApplicationBootstrap();
    await jest.advanceTimersByTimeAsync(15_000);
    let ended = false;
    const ending = runner.onApplicationShutdown().then(() => (ended = true));
    await jest.advanceTimersByTimeAsync(1000);
    expect(ended).toBe(false);
    job.finish!();
    await ending;
    await jest.advanceTimersByTimeAsync(600_000);
    expect(job.runs).toBe(1);
  });
});
