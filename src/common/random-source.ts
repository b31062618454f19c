import { randomFillSync, randomUUID } from 'node:crypto';

/** Source of unpredictable bytes. */
export interface RandomSource {
  /** `size` fresh bytes, never handed out twice. */
  bytes(size: number): Buffer;
  /** A random UUID (RFC 9562 version 4), lower case. */
  uuid(): string;
}

/** Injection token of the {@link RandomSource}. */
export const RANDOM_SOURCE = Symbol('RandomSource');

const POOL_SIZE = 4096;

/**
 * The operating system's random generator, drawn in pools: one call for 16 bytes costs as much as one for 4 kB, and an
 * enrolment needs half a dozen small values.
 */
export class SystemRandomSource implements RandomSource {
  private pool = Buffer.alloc(0);
  private used = 0;

  bytes(size: number): Buffer {
    if (size > POOL_SIZE) return randomFillSync(Buffer.alloc(size));
    if (this.used + size > this.pool.length) {
      // A new pool, not the old one refilled: slices that were handed out still point into it.
      this.pool = randomFillSync(Buffer.allocUnsafeSlow(POOL_SIZE));
      this.used = 0;
    }
    const slice = this.pool.subarray(this.used, this.used + size);
    this.used += size;
    return slice;
  }

  uuid(): string {
    return randomUUID();
  }
}
