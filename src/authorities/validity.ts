const DAY = 86_400_000;
const BACKDATING = 3_600_000;

/**
 * Begin of what the gateway issues to itself: an hour ago, since a device whose clock is slow would take a certificate
 * of this minute for one of the future.
 */
export const backdated = (now: Date): Date => new Date(now.getTime() - BACKDATING);

/** The second that a moment is in, which is all that certificates and CRLs hold (RFC 5280 sections 4.1.2.5 and 5.1.2.4). */
export const wholeSeconds = (time: Date): Date => new Date(Math.floor(time.getTime() / 1000) * 1000);

/** The moment `days` times 24 hours after `from`. */
export const daysLater = (from: Date, days: number): Date => new Date(from.getTime() + days * DAY);
