import { cellText, detailLines, tableLines, valueAt } from './table';

describe('a table', () => {
  it('is as wide as its widest cell, without blanks at the end of a line', () => {
    const columns = [
      { heading: 'NAME', field: 'name' },
      { heading: 'LOCKOUT', field: 'limits.lockoutFor' },
      { heading: 'AUTHORITIES', field: 'authorities' },
    ];
    const rows = [
      { name: 'scep', limits: { lockoutFor: 900 }, authorities: ['A', 'B'] },
      { name: 'a-longer-name', limits: {}, authorities: [] },
    ];
    expect(tableLines(rows, columns)).toEqual([
      'NAME           LOCKOUT  AUTHORITIES',
      'scep           900      A,B',
      'a-longer-name',
    ]);
  });

  it('shows no control character that a device put into a name (terminal escapes)', () => {
    expect(cellText('CN=\u001b[2Jx\u009b\u202ey')).toBe('CN=\\u001b[2Jx\\u009b\\u202ey');
    expect(cellText({ weird: '\u0007' })).not.toContain('\u0007');
  });
});

describe('the details of a resource', () => {
  it('name nested fields by their dotted path, as --set takes them', () => {
    const lines = detailLines({ name: 'x', limits: { lockoutFor: 900 }, lockedUntil: null, list: [1, 2] });
    expect(lines).toEqual(['name               x', 'limits.lockoutFor  900', 'lockedUntil', 'list               1,2']);
  });

  it('number the objects of a list, and write alternative names on one line', () => {
    const lines = detailLines({
      names: [
        { type: 'dns', value: 'a' },
        { type: 'ip', value: '::1' },
      ],
      sources: [{ source: '192.0.2.1', failures: 2 }],
    });
    expect(lines).toEqual([
      'names                dns:a,ip:::1',
      'sources[0].source    192.0.2.1',
      'sources[0].failures  2',
    ]);
  });

  it('finds nothing where there is nothing', () => {
    expect(valueAt({ a: null }, 'a.b.c')).toBeUndefined();
  });
});
