import { parseSerialNumber } from './serial-number';

describe('a serial number as an administrator types it', () => {
  it.each([
    ['0a1b', '0a1b'],
    ['A1B', '0a1b'],
    ['0A:1B', '0a1b'],
    ['00000a1b', '0a1b'],
    ['80', '80'],
    ['0', '00'],
  ])('%s is %s', (text, hex) => {
    expect(parseSerialNumber(text)?.toString('hex')).toBe(hex);
  });

  it.each(['', ':', '0x1b', 'xyz', '1 2', `${'0'.repeat(80)}1`])('%j is none', (text) => {
    expect(parseSerialNumber(text)).toBeUndefined();
  });
});
