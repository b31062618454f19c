const DAY = 86_400_000;
const BACKDATING = 3_600_000;

/**
 * Begin of what the gateway issues to itself: an hour ago, since a device whose clock is slow would take a certificate
 * of this minute for one of the future.
 */
export const backdated = (now: Date): Date => new Date(now.getTime() - BACKDATING);

/** The moment `days` times 24 hours after `from`. */
export const daysLater = (from: Date, days: number): Date => new Date(from.getTime() + days * DAY);
