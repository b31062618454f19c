import { ValuePattern } from './value-pattern';

const fits = (pattern: string, value: string): boolean => new ValuePattern(pattern).fits(value);

describe('a pattern for values', () => {
  it.each([
    ['Devices', 'Devices'],
    ['*', ''],
    ['*', 'anything'],
    ['*.example.com', 'a.b.example.com'],
    ['vpn-*', 'vpn-'],
    ['a*b*c', 'a1b2b3c'],
    ['a**c', 'abc'],
    ['\\*.example.com', '*.example.com'],
    ['a+(b|c)', 'a+(b|c)'],
  ])('%s fits %s', (pattern, value) => {
    expect(fits(pattern, value)).toBe(true);
  });

  it.each([
    ['Devices', 'devices'],
    ['Devices', 'Devices 2'],
    ['*.example.com', 'example.com'],
    ['*.example.com', 'a.example.com.evil.org'],
    ['*.example.com', '*.example.com'],
    ['vpn-*', 'avpn-1'],
    ['ab*ba', 'aba'],
    ['a*b*c', 'acb'],
    ['a*b*b', 'ab'],
    ['.', 'a'],
    ['*\\*', '**'],
    ['*', 'a\0b'],
    ['*', 'x'.repeat(1025)],
  ])('%s does not fit %s', (pattern, value) => {
    expect(fits(pattern, value)).toBe(false);
  });

  it('compares what its fold makes equal', () => {
    const pattern = new ValuePattern('*.Example.COM', (value) => value.toLowerCase());
    expect(pattern.fits('ROUTER.example.com')).toBe(true);
  });

  it('is found not to fit in no time, however many asterisks it has', () => {
    // A backtracking matcher would not come to an end.
    expect(fits(`${'*a'.repeat(500)}*b`, 'a'.repeat(1024))).toBe(false);
  });
});
