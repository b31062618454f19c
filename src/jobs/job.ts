/** Work that is done from time to time by whichever gateway comes first (docs/adr/0009). */
export interface Job {
  /** Names its advisory lock and its log lines. */
  readonly name: string;
  /** Pause between two runs in one process, in milliseconds. */
  readonly everyMs: number;
  /**
   * Does what is due at this moment, which may be nothing. It must be safe if two processes do it at once: the lock only
   * saves work, for it is lost with the connection that holds it.
   */
  run(): Promise<void>;
}

/** Injection token of all jobs: `readonly Job[]`. */
export const JOBS = Symbol('Jobs');
