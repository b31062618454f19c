import { ALIAS_DEFAULTS } from '../aliases/alias';
import { CommandError } from './command-error';
import { cellText } from './table';
import { joinedPatches, readAssignments, settableFields } from './setting-assignments';

const template = { text: '', on: true, count: 1, list: ['a'], nested: { deep: { list: [] as string[], on: false } } };

describe('assignments of settings', () => {
  it('take the type of the field, nested fields by their path', () => {
    const given = ['text=a=b', 'on=false', 'count=7', 'list=x, y', 'nested.deep.list=z', 'nested.deep.on=true'];
    expect(readAssignments(given, [], template)).toEqual({
      text: 'a=b',
      on: false,
      count: 7,
      list: ['x', 'y'],
      nested: { deep: { list: ['z'], on: true } },
    });
  });

  it('take a comma within an item of a list behind a backslash, as it is shown', () => {
    const list = ['Acme, Inc.', 'a\\', 'CN=\\*.example.com', 'b'];
    const shown = cellText(list);
    expect(shown).toBe('Acme\\, Inc.,a\\\\,CN=\\\\*.example.com,b');
    expect(readAssignments([`list=${shown}`], [], template)).toEqual({ list });
    expect(readAssignments(['list=CN=\\*.example.com,'], [], template)).toEqual({ list: ['CN=\\*.example.com', ''] });
  });

  it('empty a list, and bring defaults back by null', () => {
    expect(readAssignments(['list='], ['nested.deep.on', 'text'], template)).toEqual({
      list: [],
      nested: { deep: { on: null } },
      text: null,
    });
  });

  it.each([
    ['text', 'field=value'],
    ['=x', 'field=value'],
    ['on=yes', 'true or false'],
    ['count=-1', 'whole number'],
    ['count=1.5', 'whole number'],
    ['nested.deep=1', 'no field "nested.deep"'],
    ['__proto__.polluted=1', 'no field'],
    ['tetx=1', 'text, on, count, list, nested.deep.list, nested.deep.on'],
  ])('refuse %s', (assignment, told) => {
    expect(() => readAssignments([assignment], [], template)).toThrow(told);
    expect(() => readAssignments([assignment], [], template)).toThrow(CommandError);
  });

  it('reach every setting of an alias', () => {
    expect(settableFields(ALIAS_DEFAULTS)).toContain('algorithms.accept.ciphers');
  });
});

describe('two patches', () => {
  it('become one in which the second counts, and null stays', () => {
    const first = { enabled: false, limits: { lockoutFor: 1, failedAttempts: 2 }, list: [1] };
    expect(joinedPatches(first, { limits: { lockoutFor: null }, list: [] })).toEqual({
      enabled: false,
      limits: { lockoutFor: null, failedAttempts: 2 },
      list: [],
    });
  });
});
