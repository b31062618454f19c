import { randomBytes } from 'node:crypto';
import { dailyText, typedDailyText } from './daily-text';

describe('a daily challenge', () => {
  it('is seven groups of four, without characters that look alike', () => {
    for (let round = 0; round < 200; round++)
      expect(dailyText(randomBytes(32))).toMatch(/^[0-9a-hjkmnp-tv-z]{4}(-[0-9a-hjkmnp-tv-z]{4}){6}$/);
  });

  it('holds the first 140 bits, each of them', () => {
    const zero = Buffer.alloc(18);
    const texts = new Set([dailyText(zero)]);
    for (let bit = 0; bit < 140; bit++) {
      const flipped = Buffer.from(zero);
      flipped[bit >> 3]! |= 0x80 >> (bit & 7);
      texts.add(dailyText(flipped));
    }
    expect(texts.size).toBe(141);
  });

  it('is read as RFC 4648 reads base 32, by another alphabet', () => {
    // 0x00 0x44 0x32 0x14 0xC7: the values 0, 1, 2, 3, 4, 5, 6, 7.
    expect(dailyText(Buffer.from('00443214c7'.padEnd(36, '0'), 'hex'))).toBe('0123-4567-0000-0000-0000-0000-0000');
  });

  it.each([
    ['as it is shown', 'k7f2-9xq4-0110', 'k7f29xq40110'],
    ['without hyphens and in capitals', 'K7F29XQ40110', 'k7f29xq40110'],
    ['with blanks', ' k7f2 9xq4\t0110 ', 'k7f29xq40110'],
    ['with letters for digits', 'k7f2-9xq4-OiL0', 'k7f29xq40110'],
    ['not at all', '', ''],
    ['as blanks and hyphens', ' - - ', ''],
    ['at length', 'a'.repeat(10_000), ''],
  ])('is typed %s', (_, typed, compared) => {
    expect(typedDailyText(typed)).toBe(compared);
  });
});
