import type { Clock } from '../../src/common/clock';

/** A clock that stands still until a test moves it. */
export class FixedClock implements Clock {
  private milliseconds: number;

  /** @param start the present, as a Date or in ISO 8601 */
  constructor(start: Date | string = '2026-01-02T03:04:05.000Z') {
    this.milliseconds = new Date(start).getTime();
  }

  now(): Date {
    return new Date(this.milliseconds);
  }

  /** Moves the present to a moment, forwards or back. */
  set(moment: Date | string): void {
    this.milliseconds = new Date(moment).getTime();
  }

  /** Moves the present forwards. */
  advance({ days = 0, hours = 0, minutes = 0, seconds = 0, milliseconds = 0 }: Duration): void {
    this.milliseconds += (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000 + milliseconds;
  }
}

/** A length of time; its parts add up. */
export interface Duration {
  readonly days?: number;
  readonly hours?: number;
  readonly minutes?: number;
  readonly seconds?: number;
  readonly milliseconds?: number;
}
