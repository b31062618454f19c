import { parseRenewalWindow, renewableFrom } from './renewal-window';

const NOT_BEFORE = new Date('2026-01-01T00:00:00Z');
const NOT_AFTER = new Date('2026-04-11T00:00:00Z');

describe('a renewal window', () => {
  it.each([
    ['50%', '2026-02-20T00:00:00.000Z'],
    ['100%', '2026-01-01T00:00:00.000Z'],
    ['1%', '2026-04-10T00:00:00.000Z'],
    ['30d', '2026-03-12T00:00:00.000Z'],
    ['1mo', '2026-03-11T00:00:00.000Z'],
    ['0d', '2026-04-11T00:00:00.000Z'],
  ])('%s of a hundred days begins at %s', (window, from) => {
    expect(renewableFrom(window, NOT_BEFORE, NOT_AFTER).toISOString()).toBe(from);
  });

  it.each(['', '0%', '101%', '50', '%', '-1d', 'half', '50 %'])('is not "%s"', (text) => {
    expect(parseRenewalWindow(text)).toBeUndefined();
    expect(() => renewableFrom(text, NOT_BEFORE, NOT_AFTER)).toThrow('is no renewal window');
  });
});
