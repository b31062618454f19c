import type { ConfigurationVersion } from './configuration-version';

/** The part of {@link ConfigurationVersion} that a cache looks at. */
export type ObservedVersion = Pick<ConfigurationVersion, 'observed'>;

/** What was loaded, and what was known when loading began. */
interface Loaded<T> {
  readonly version: bigint;
  readonly value: T;
}

/**
 * A value made from configuration tables and kept until they change. Readers pay one comparison; a reload is done once
 * however many wait for it. While the database is away no change can be heard of, and what was loaded stays.
 */
export abstract class VersionedCache<T> {
  private loaded: Loaded<T> | undefined;
  private loading: { readonly version: bigint; readonly done: Promise<T> } | undefined;

  /** @param configurationVersion tells when something changed */
  constructor(private readonly configurationVersion: ObservedVersion) {}

  /** Makes the value from the database. What it returns is shared, so it must not be changed afterwards. */
  protected abstract load(): Promise<T>;

  /** The value, at least as new as every change that this process has heard of at the time of the call. */
  get(): Promise<T> {
    const loaded = this.loaded;
    const observed = this.configurationVersion.observed;
    if (loaded !== undefined && loaded.version >= observed) return Promise.resolve(loaded.value);
    // A load that began before the newest change may have missed it.
    if (this.loading !== undefined && this.loading.version >= observed) return this.loading.done;
    // The version comes first: a change during the load then causes one load too many, never one too few.
    const loading = { version: observed, done: Promise.resolve().then(() => this.reload(observed)) };
    this.loading = loading;
    return loading.done;
  }

  private async reload(version: bigint): Promise<T> {
    try {
      const value = await this.load();
      // A slower, older load must not replace a newer one.
      if (this.loaded === undefined || this.loaded.version <= version) this.loaded = { version, value };
      return value;
    } finally {
      if (this.loading?.version === version) this.loading = undefined;
    }
  }
}
