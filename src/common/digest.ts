import { createHash, timingSafeEqual } from 'node:crypto';

/** SHA-256 over the concatenation of `parts`: 32 bytes. */
export function sha256(...parts: (Buffer | string)[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** Whether two byte strings are equal, in a time that depends on their lengths only. */
export function constantTimeEqual(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
