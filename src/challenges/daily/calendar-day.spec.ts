import { calendarDay, isTimeZone, nextDayBegins } from './calendar-day';

const at = (text: string): Date => new Date(text);

describe('the name of a time zone', () => {
  it.each(['UTC', 'Europe/Berlin', 'America/Argentina/Buenos_Aires', 'Etc/GMT+12', 'europe/berlin', 'Asia/Kathmandu'])(
    'is %s',
    (name) => {
      expect(isTimeZone(name)).toBe(true);
    },
  );

  it.each(['', ' ', 'Europe/Nowhere', '+02:00', 'UTC\0', 'Europe/Berlin ', '../../etc/passwd', 'A'.repeat(100)])(
    'is not %j',
    (name) => {
      expect(isTimeZone(name)).toBe(false);
    },
  );
});

describe('the calendar day', () => {
  it.each([
    ['2026-01-31T22:59:59.999Z', 'Europe/Berlin', '2026-01-31'],
    ['2026-01-31T23:00:00.000Z', 'Europe/Berlin', '2026-02-01'],
    ['2026-07-31T22:00:00.000Z', 'Europe/Berlin', '2026-08-01'],
    ['2026-01-01T09:59:59.999Z', 'Pacific/Kiritimati', '2026-01-01'],
    ['2026-01-01T10:00:00.000Z', 'Pacific/Kiritimati', '2026-01-02'],
    ['2024-02-29T12:00:00.000Z', 'UTC', '2024-02-29'],
  ])('of %s in %s is %s', (moment, timeZone, day) => {
    expect(calendarDay(at(moment), timeZone)).toBe(day);
  });
});

describe('the next day begins', () => {
  it.each([
    ['of 24 hours', '2026-01-31T00:00:00.000Z', 'UTC', '2026-02-01T00:00:00.000Z'],
    ['when clocks are put forward (23 hours)', '2026-03-28T23:00:00.000Z', 'Europe/Berlin', '2026-03-29T22:00:00.000Z'],
    ['when clocks are put back (25 hours)', '2026-10-24T22:00:00.000Z', 'Europe/Berlin', '2026-10-25T23:00:00.000Z'],
    // Clocks are put forward at midnight: the day begins at one o'clock.
    ['that has no midnight', '2026-04-23T12:00:00.000Z', 'Africa/Cairo', '2026-04-23T22:00:00.000Z'],
    ['at the last moment before', '2026-01-31T23:59:59.999Z', 'UTC', '2026-02-01T00:00:00.000Z'],
    // Samoa left out 30 December 2011.
    ['after which one is left out', '2011-12-30T09:00:00.000Z', 'Pacific/Apia', '2011-12-30T10:00:00.000Z'],
    ['by the half hour', '2026-05-05T12:00:00.000Z', 'Asia/Kolkata', '2026-05-05T18:30:00.000Z'],
  ])('after a day %s', (_, moment, timeZone, begins) => {
    expect(nextDayBegins(at(moment), timeZone)).toEqual(at(begins));
  });
});
