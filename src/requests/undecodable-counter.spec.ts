import { FixedClock } from '../../test/support/fixed-clock';
import { createLogger } from '../common/logger';
import type { DevicePool, NamedStatement } from '../database/pg-pool';
import { MAX_KINDS, UndecodableCounter } from './undecodable-counter';

/** A pool that keeps what it is given, or fails. */
class RecordingPool {
  readonly flushed: Record<string, number>[] = [];
  fails = false;

  query({ values }: NamedStatement): Promise<unknown> {
    if (this.fails) return Promise.reject(new Error('the database is away'));
    const [days, aliases, causes, occurrences] = values as [string[], string[], string[], number[]];
    this.flushed.push(Object.fromEntries(days.map((day, i) => [`${day} ${aliases[i]} ${causes[i]}`, occurrences[i]!])));
    return Promise.resolve(undefined);
  }
}

describe('the counter of what could not be decoded', () => {
  const setUp = (): { pool: RecordingPool; clock: FixedClock; counter: UndecodableCounter } => {
    const pool = new RecordingPool();
    const clock = new FixedClock('2026-01-02T23:59:59Z');
    const counter = new UndecodableCounter(pool as unknown as DevicePool, clock, createLogger('silent'));
    return { pool, clock, counter };
  };
  const garbage = { alias: 'scep', cause: 'no CMS', source: '192.0.2.1' };

  it('adds by day, alias and cause, and begins anew after each flush', async () => {
    const { pool, clock, counter } = setUp();
    counter.count(garbage);
    counter.count(garbage);
    counter.count({ ...garbage, alias: 'other' });
    clock.advance({ seconds: 1 });
    counter.count(garbage);
    await counter.flush();
    await counter.flush();
    counter.count(garbage);
    await counter.onApplicationShutdown();
    expect(pool.flushed).toEqual([
      { '2026-01-02 scep no CMS': 2, '2026-01-02 other no CMS': 1, '2026-01-03 scep no CMS': 1 },
      { '2026-01-03 scep no CMS': 1 },
    ]);
  });

  it('keeps the counts while the database is away', async () => {
    const { pool, counter } = setUp();
    pool.fails = true;
    counter.count(garbage);
    await counter.flush();
    counter.count(garbage);
    pool.fails = false;
    await counter.flush();
    expect(pool.flushed).toEqual([{ '2026-01-02 scep no CMS': 2 }]);
  });

  it('does not grow with the number of causes, and counts all the same', async () => {
    const { pool, counter } = setUp();
    for (let i = 0; i < MAX_KINDS * 3; i++) counter.count({ ...garbage, cause: `cause ${i}` });
    await counter.flush();
    const counts = Object.values(pool.flushed[0]!);
    expect(counts.length).toBeLessThanOrEqual(MAX_KINDS + 1);
    expect(counts.reduce((sum, count) => sum + count)).toBe(MAX_KINDS * 3);
  });

  it('stores nothing that PostgreSQL cannot', async () => {
    const { pool, counter } = setUp();
    counter.count({ ...garbage, alias: 'a\0', cause: `\ud800${'x'.repeat(1000)}` });
    await counter.flush();
    const [key] = Object.keys(pool.flushed[0]!);
    expect(key).toMatch(/^2026-01-02 a\uFFFD \uFFFDx{199}$/);
  });
});
