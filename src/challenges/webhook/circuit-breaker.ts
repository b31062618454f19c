import type { Clock } from '../../common/clock';

/** After so many failures in a row a service is left alone for a while. */
export const FAILURES_BEFORE_BREAK = 5;

/** For so long it is left alone, in milliseconds; then one request tries it. */
export const BREAK_MS = 30_000;

/** Whether a service may be asked; else until when not, and why. */
export type Permission =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly until: Date | undefined; readonly lastFailure: string };

/**
 * Keeps requests from a service that is down: they would wait for nothing and it would not get back on its feet. One for
 * each service in each process.
 */
export class CircuitBreaker {
  private failures = 0;
  private brokenUntil: Date | undefined;
  private probing = false;
  private lastFailure = '';

  constructor(private readonly clock: Clock) {}

  /** Asks for leave. Who gets it has to tell of the outcome. */
  enter(): Permission {
    if (this.brokenUntil === undefined) return { allowed: true };
    const until = this.brokenUntil;
    const over = this.clock.now() >= until;
    if (!over || this.probing)
      return { allowed: false, until: over ? undefined : until, lastFailure: this.lastFailure };
    this.probing = true;
    return { allowed: true };
  }

  /** The service has answered, whatever it said. */
  answered(): void {
    this.failures = 0;
    this.probing = false;
    this.brokenUntil = undefined;
  }

  /** It has not. @param failure for the administrator; no secret */
  failed(failure: string): void {
    this.failures++;
    this.lastFailure = failure;
    // What was begun before the break and fails during it does not make it any longer.
    if (this.probing || (this.brokenUntil === undefined && this.failures >= FAILURES_BEFORE_BREAK))
      this.brokenUntil = new Date(this.clock.now().getTime() + BREAK_MS);
    this.probing = false;
  }
}
