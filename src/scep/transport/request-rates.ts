import type { Alias } from '../../aliases/alias';
import type { Clock } from '../../common/clock';
import { attemptSource } from '../../enrolment/attempt-source';

const MINUTE_MS = 60_000;

/** So many sources are remembered; one that was not heard of for longest is forgotten first. */
const MAX_SOURCES = 20_000;

interface Bucket {
  /** How many requests are left, a fraction with them. */
  tokens: number;
  at: number;
}

/**
 * How many PKIOperations each source sends to each alias (`limits.requestsPerMinute`): a bucket for each that holds the
 * requests of one minute and fills up evenly, so that a device which was silent may send several at once. Kept by each
 * process for itself, for a shared count would cost a round trip to the database, which is more than it is to save.
 */
export class RequestRates {
  /** In the order of the last request. */
  private readonly buckets = new Map<string, Bucket>();

  constructor(private readonly clock: Clock) {}

  /**
   * Takes a request into account.
   *
   * @param source address of the client; of IPv6 addresses the network counts
   * @returns undefined if there may be one more, else after how many seconds there may
   */
  secondsUntilNext({ id, limits }: Pick<Alias, 'id' | 'limits'>, source: string): number | undefined {
    const { requestsPerMinute } = limits;
    if (requestsPerMinute === 0) return undefined;
    const now = this.clock.now().getTime();
    const key = `${id} ${attemptSource(source)}`;
    const known = this.buckets.get(key);
    // A clock that was set back gives nobody more, and takes nothing from anybody for long.
    const elapsed = known === undefined ? MINUTE_MS : Math.max(0, now - known.at);
    const tokens = Math.min(requestsPerMinute, (known?.tokens ?? 0) + (elapsed * requestsPerMinute) / MINUTE_MS);
    const isAllowed = tokens >= 1;
    this.buckets.delete(key);
    this.buckets.set(key, { tokens: isAllowed ? tokens - 1 : tokens, at: now });
    if (this.buckets.size > MAX_SOURCES) this.forgetOldest();
    return isAllowed ? undefined : Math.ceil(((1 - tokens) * MINUTE_MS) / requestsPerMinute / 1000);
  }

  private forgetOldest(): void {
    for (const key of this.buckets.keys()) {
      this.buckets.delete(key);
      return;
    }
  }
}
