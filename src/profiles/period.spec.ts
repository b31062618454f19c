import { after, before, isEmptyPeriod, parsePeriod } from './period';

const period = (text: string) => parsePeriod(text)!;
const iso = (date: Date) => date.toISOString().slice(0, 19);

describe('a period', () => {
  it.each([
    ['2y', { years: 2, months: 0, days: 0, seconds: 0 }],
    ['365d', { years: 0, months: 0, days: 365, seconds: 0 }],
    ['1y 6mo 10d', { years: 1, months: 6, days: 10, seconds: 0 }],
    ['1y6mo', { years: 1, months: 6, days: 0, seconds: 0 }],
    ['1h 2m 3s', { years: 0, months: 0, days: 0, seconds: 3723 }],
    ['10m', { years: 0, months: 0, days: 0, seconds: 600 }],
  ])('reads %s', (text, expected) => {
    expect(parsePeriod(text)).toEqual(expected);
  });

  it.each(['', ' ', '2', 'y', '2 y', '-1d', '1.5y', '10d 1y', '1w', '101y', '36600d', '2y\0', '1mo 1mo'])(
    'refuses %j',
    (text) => {
      expect(parsePeriod(text)).toBeUndefined();
    },
  );

  it('may be empty', () => {
    expect(isEmptyPeriod(period('0s'))).toBe(true);
    expect(isEmptyPeriod(period('1s'))).toBe(false);
  });

  it.each([
    ['2024-02-29T12:00:00Z', '1y', '2025-02-28T12:00:00'],
    ['2024-02-29T12:00:00Z', '4y', '2028-02-29T12:00:00'],
    ['2026-01-31T00:00:00Z', '1mo', '2026-02-28T00:00:00'],
    ['2026-12-15T00:00:00Z', '1mo', '2027-01-15T00:00:00'],
    ['2026-01-01T00:00:00Z', '365d', '2027-01-01T00:00:00'],
    ['2026-01-01T00:00:00Z', '1y 6mo 1d 1h', '2027-07-02T01:00:00'],
  ])('after %s: %s is %s', (from, text, expected) => {
    expect(iso(after(new Date(from), period(text)))).toBe(expected);
  });

  it('counts back as well', () => {
    expect(iso(before(new Date('2026-03-31T00:00:00Z'), period('1mo')))).toBe('2026-02-28T00:00:00');
    expect(iso(before(new Date('2026-01-01T00:05:00Z'), period('10m')))).toBe('2025-12-31T23:55:00');
  });
});
