import type { Clock } from '../common/clock';

/** After so many failures within the window an address has to wait. */
export const MAX_FAILURES = 10;
/** Length of the window in milliseconds. */
export const FAILURE_WINDOW_MS = 60_000;
const MAX_ADDRESSES = 10_000;

interface Failures {
  count: number;
  readonly windowEnds: number;
}

/** Counts failed attempts by client address, in this process. */
export class FailureLimit {
  private readonly byAddress = new Map<string, Failures>();

  constructor(private readonly clock: Clock) {}

  /** For how many seconds the address has yet to wait; 0: it need not. */
  waitFor(address: string): number {
    const failures = this.current(address);
    if (failures === undefined || failures.count < MAX_FAILURES) return 0;
    return Math.ceil((failures.windowEnds - this.clock.now().getTime()) / 1000);
  }

  /** Counts one failure. */
  failed(address: string): void {
    const failures = this.current(address) ?? { count: 0, windowEnds: this.clock.now().getTime() + FAILURE_WINDOW_MS };
    failures.count += 1;
    // Whoever has many addresses shall not fill the memory: the oldest entry goes.
    if (!this.byAddress.has(address) && this.byAddress.size >= MAX_ADDRESSES) {
      const [oldest] = this.byAddress.keys();
      if (oldest !== undefined) this.byAddress.delete(oldest);
    }
    this.byAddress.set(address, failures);
  }

  private current(address: string): Failures | undefined {
    const failures = this.byAddress.get(address);
    if (failures === undefined || failures.windowEnds > this.clock.now().getTime()) return failures;
    this.byAddress.delete(address);
    return undefined;
  }
}
