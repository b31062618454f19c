import { authoritySettings } from './authority-settings';
import { crlHorizon, crlSchedule, isCrlDue } from './crl-schedule';

const HOUR = 3_600_000;
const MINUTE = 60_000;
const schedule = crlSchedule(authoritySettings({}));
const at = (ms: number): Date => new Date(ms);
const newest = { thisUpdate: at(0), nextUpdate: at(24 * HOUR) };

describe('the schedule of CRLs', () => {
  it('is a day with ten minutes of overlap unless set', () => {
    expect(schedule).toEqual({ validityMs: 24 * HOUR, intervalMs: 24 * HOUR - 10 * MINUTE, onRevocation: true });
  });

  it('never overlaps by more than half of the validity', () => {
    const settings = authoritySettings({ crlValidityHours: 1, crlOverlapMinutes: 600, crlOnRevocation: false });
    expect(crlSchedule(settings)).toEqual({ validityMs: HOUR, intervalMs: HOUR / 2, onRevocation: false });
  });

  it('makes one due when there is none, and when the overlap begins', () => {
    expect(isCrlDue(undefined, schedule, at(0))).toBe(true);
    expect(isCrlDue(newest, schedule, at(24 * HOUR - 10 * MINUTE - 1))).toBe(false);
    expect(isCrlDue(newest, schedule, at(24 * HOUR - 10 * MINUTE))).toBe(true);
    expect(isCrlDue(newest, schedule, at(48 * HOUR))).toBe(true);
  });

  it('makes one due when the newest is from the future, but not for clocks that differ a little', () => {
    expect(isCrlDue({ thisUpdate: at(5 * MINUTE), nextUpdate: at(25 * HOUR) }, schedule, at(0))).toBe(false);
    expect(isCrlDue({ thisUpdate: at(HOUR), nextUpdate: at(25 * HOUR) }, schedule, at(0))).toBe(true);
  });

  it('lets expired certificates go after one regular CRL (RFC 5280 section 3.3)', () => {
    const interval = schedule.intervalMs;
    // In time: what expired before the CRL of last time was on that one.
    expect(crlHorizon(newest, schedule, at(interval))).toEqual(newest.thisUpdate);
    // On revocation, an hour later: it is no regular one.
    expect(crlHorizon(newest, schedule, at(HOUR))).toEqual(at(HOUR - interval));
    // After a standstill: what expired meanwhile has not been on any.
    expect(crlHorizon(newest, schedule, at(1000 * HOUR))).toEqual(newest.thisUpdate);
  });
});
