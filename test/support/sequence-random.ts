import { createHash } from 'node:crypto';
import type { RandomSource } from '../../src/common/random-source';

/** Bytes that look random, never repeat within one source, and are the same for the same seed in each run. */
export class SequenceRandom implements RandomSource {
  private counter = 0;

  /** @param seed sources with different seeds give different bytes */
  constructor(private readonly seed = 'scep-gateway') {}

  bytes(size: number): Buffer {
    const blocks: Buffer[] = [];
    for (let length = 0; length < size; length += 32) {
      blocks.push(createHash('sha256').update(`${this.seed}:${this.counter++}`).digest());
    }
    return Buffer.concat(blocks).subarray(0, size);
  }

  uuid(): string {
    const hex = this.bytes(16).toString('hex');
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
  }
}
