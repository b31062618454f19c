import type { CrlSchedule } from './authority';
import type { AuthoritySettings } from './authority-settings';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** Gateways whose clocks differ by less take each other's CRLs as they are. */
const CLOCK_SKEW_MS = 5 * MINUTE_MS;

/** The times of a CRL. */
export interface CrlTimes {
  readonly thisUpdate: Date;
  readonly nextUpdate: Date;
}

/** The schedule that the settings of an authority make. */
export function crlSchedule(settings: AuthoritySettings): CrlSchedule {
  const validityMs = settings.crlValidityHours * HOUR_MS;
  const overlapMs = Math.min(settings.crlOverlapMinutes * MINUTE_MS, validityMs / 2);
  return { validityMs, intervalMs: validityMs - overlapMs, onRevocation: settings.crlOnRevocation };
}

/**
 * Whether the next CRL is due at `now`: there is none yet, the overlap has begun, or the newest is from a future that a
 * clock was wrong about.
 */
export function isCrlDue(newest: CrlTimes | undefined, { validityMs, intervalMs }: CrlSchedule, now: Date): boolean {
  if (newest === undefined) return true;
  const end = newest.nextUpdate.getTime() - (validityMs - intervalMs);
  return now.getTime() >= end || newest.thisUpdate.getTime() > now.getTime() + CLOCK_SKEW_MS;
}

/**
 * Certificates that expired before this moment need not be listed any more: an entry stays until it was on one regular
 * CRL behind the end of its certificate (RFC 5280 section 3.3), however long none was issued.
 */
export function crlHorizon(newest: CrlTimes | undefined, { intervalMs }: CrlSchedule, now: Date): Date {
  const regular = now.getTime() - intervalMs;
  return new Date(newest === undefined ? regular : Math.min(regular, newest.thisUpdate.getTime()));
}
