import { VersionedCache } from './versioned-cache';

/** Loads what stands in a table that holds one number; each load waits until it is let go. */
class NumberCache extends VersionedCache<number> {
  readonly loads: { finish: (value?: number) => void; fail: (error: Error) => void }[] = [];
  table = 1;

  protected load(): Promise<number> {
    const seen = this.table;
    return new Promise((resolve, reject) => {
      this.loads.push({
        finish: (value = seen) => {
          resolve(value);
        },
        fail: reject,
      });
    });
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('VersionedCache', () => {
  let version: { observed: bigint };
  let cache: NumberCache;

  beforeEach(() => {
    version = { observed: 1n };
    cache = new NumberCache(version);
  });

  it('loads once for all who wait, and then answers without loading', async () => {
    const both = Promise.all([cache.get(), cache.get()]);
    await turn();
    cache.loads[0]!.finish();
    expect(await both).toEqual([1, 1]);
    expect(await cache.get()).toBe(1);
    expect(cache.loads).toHaveLength(1);
  });

  it('loads again after a change', async () => {
    const first = cache.get();
    await turn();
    cache.loads[0]!.finish();
    await first;
    cache.table = 2;
    version.observed = 2n;
    const second = cache.get();
    await turn();
    cache.loads[1]!.finish();
    expect(await second).toBe(2);
  });

  it('does not answer who knows of a change with a load that began before it', async () => {
    const early = cache.get();
    await turn();
    cache.table = 2;
    version.observed = 2n;
    const late = cache.get();
    await turn();
    cache.loads[1]!.finish();
    expect(await late).toBe(2);
    cache.loads[0]!.finish();
    expect(await early).toBe(1);
    // The early one, which was slower, has not taken the place of the late one.
    expect(await cache.get()).toBe(2);
    expect(cache.loads).toHaveLength(2);
  });

  it('counts what was loaded during a change as older than it', async () => {
    const first = cache.get();
    await turn();
    version.observed = 2n;
    cache.loads[0]!.finish();
    await first;
    const next = cache.get();
    await turn();
    expect(cache.loads).toHaveLength(2);
    cache.loads[1]!.finish();
    await next;
  });

  it('tries again after a failed load', async () => {
    const failing = cache.get();
    await turn();
    cache.loads[0]!.fail(new Error('no database'));
    await expect(failing).rejects.toThrow('no database');
    const again = cache.get();
    await turn();
    cache.loads[1]!.finish();
    expect(await again).toBe(1);
  });
});
