import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** SHA-256 over the concatenation of `parts`: 32 bytes. */
export function sha256(...parts: (Buffer | string)[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** HMAC-SHA-256 (RFC 2104) over the concatenation of `parts` under a key that is a text, taken as UTF-8: 32 bytes. */
export function hmacSha256(key: string, ...parts: (Buffer | string)[]): Buffer {
  const hmac = createHmac('sha256', Buffer.from(key, 'utf8'));
  for (const part of parts) hmac.update(part);
  return hmac.digest();
}

/** Whether two byte strings are equal, in a time that depends on their lengths only. */
export function constantTimeEqual(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
