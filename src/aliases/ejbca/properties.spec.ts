import { propertyLine, readProperties } from './properties';

describe('a properties file', () => {
  it.each<[string, [string, string][]]>([
    ['a=b', [['a', 'b']]],
    ['  scep.operationmode = ca  ', [['scep.operationmode', 'ca']]],
    [
      'a:b\nc d\ne',
      [
        ['a', 'b'],
        ['c', 'd'],
        ['e', ''],
      ],
    ],
    ['# a=b\n ! c=d\n\n\r\ne=f', [['e', 'f']]],
    [
      'a=b\\\n   c\nd=e',
      [
        ['a', 'bc'],
        ['d', 'e'],
      ],
    ],
    [
      'a=b\\\\\nc=d',
      [
        ['a', 'b\\'],
        ['c', 'd'],
      ],
    ],
    ['a=b\\', [['a', 'b']]],
    [String.raw`a\=b\:c\ d=\u00e9\t\n\x`, [['a=b:c d', 'é\t\nx']]],
    ['a==b=c', [['a', '=b=c']]],
    ['\ufeffa=b', [['a', 'b']]],
    ['a=#b', [['a', '#b']]],
    ['', []],
  ])('%j', (text, expected) => {
    expect(readProperties(text)).toEqual(expected.map(([key, value]) => ({ key, value })));
  });

  it.each(['', ' a', 'a=b:c', 'é\n\t\\', '#x', '\u{1f600}', '${RANDOM}'])(
    'writes the value %j so that it is read again',
    (value) => {
      const property = { key: 'my alias.ra:x', value };
      const line = propertyLine(property);
      expect(line).toMatch(/^[\x20-\x7e]*$/);
      expect(readProperties(line)).toEqual([property]);
    },
  );

  it('of any length is read at once, however often its lines go on', () => {
    const text = 'a\\\n'.repeat(200_000);
    const begin = process.cpuUsage().user;
    expect(readProperties(text)).toEqual([{ key: 'a'.repeat(200_000), value: '' }]);
    // Where each line is put together with all before it, this takes minutes.
    expect(process.cpuUsage().user - begin).toBeLessThan(5_000_000);
  });
});
