/** Source of the present time. Everything that depends on time takes one, so that tests can move it. */
export interface Clock {
  /** The present moment. */
  now(): Date;
}

/** Injection token of the {@link Clock}. */
export const CLOCK = Symbol('Clock');

/** The machine's clock. */
export class SystemClock implements Clock {
  now(): Date {
    return new Date();
  }
}
