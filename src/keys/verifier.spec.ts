import { createHmac } from 'node:crypto';
import { Verifier } from './verifier';

const key = (): Buffer => Buffer.alloc(32, 7);

describe('Verifier', () => {
  const verifier = new Verifier(key());

  it('matches the secret that it was computed from, and no other', () => {
    const stored = verifier.compute('end-entity/1', 'foo123');
    expect(stored).toHaveLength(32);
    expect(verifier.matches('end-entity/1', 'foo123', stored)).toBe(true);
    expect(verifier.matches('end-entity/1', 'foo124', stored)).toBe(false);
    expect(verifier.matches('end-entity/1', '', stored)).toBe(false);
    expect(verifier.matches('end-entity/2', 'foo123', stored)).toBe(false);
    expect(verifier.matches('end-entity/1', 'foo123', stored.subarray(1))).toBe(false);
  });

  it('keeps context and secret apart', () => {
    expect(verifier.compute('ab', 'c')).not.toEqual(verifier.compute('a', 'bc'));
  });

  it('is HMAC-SHA-256 over length, context and secret', () => {
    const message = Buffer.concat([Buffer.of(0, 0, 0, 3), Buffer.from('ctxsécret', 'utf8')]);
    expect(verifier.compute('ctx', 'sécret')).toEqual(createHmac('sha256', key()).update(message).digest());
  });

  it('depends on its key, which it takes out of the caller’s hands', () => {
    const bytes = Buffer.alloc(32, 8);
    expect(new Verifier(bytes).compute('a', 'b')).not.toEqual(verifier.compute('a', 'b'));
    expect(bytes).toEqual(Buffer.alloc(32));
  });
});
