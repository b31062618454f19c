/** A small generator of numbers that look random and are the same on each run (mulberry32). */
export class SeededGenerator {
  constructor(private state: number) {}

  /** A whole number from 0 to `limit` - 1. */
  below(limit: number): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  }

  /** `length` octets. */
  octets(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.below(256)));
  }
}
