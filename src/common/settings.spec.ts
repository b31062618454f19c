import { mergePatch, withDefaults, withoutAbsent } from './settings';

const DEFAULTS = { name: 'x', limits: { attempts: 5, seconds: 900 }, list: ['a'] as readonly string[], flag: true };

describe('settings with defaults', () => {
  it('have every field, given or not', () => {
    expect(withDefaults({ limits: { attempts: 3 }, flag: false }, DEFAULTS)).toEqual({
      name: 'x',
      limits: { attempts: 3, seconds: 900 },
      list: ['a'],
      flag: false,
    });
  });

  it('take null for absent', () => {
    expect(withDefaults({ name: null, limits: null }, DEFAULTS)).toEqual(DEFAULTS);
  });

  it('replace lists as a whole', () => {
    expect(withDefaults({ list: [] }, DEFAULTS).list).toEqual([]);
  });

  it('are frozen all the way down and share nothing with what was given', () => {
    const list = ['b'];
    const settings = withDefaults({ list }, DEFAULTS);
    list.push('c');
    expect(settings.list).toEqual(['b']);
    expect([settings, settings.limits, settings.list].every((part) => Object.isFrozen(part))).toBe(true);
  });
});

describe('what was given', () => {
  it('holds neither null nor undefined', () => {
    expect(withoutAbsent({ a: undefined, b: null, c: { d: null, e: 0 }, f: [] })).toEqual({ c: { e: 0 }, f: [] });
  });
});

describe('a merge patch (RFC 7396)', () => {
  // The examples of appendix A whose target and patch are objects; undefined cannot come from JSON.
  it.each([
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])('of %j with %j is %j', (target, patch, result) => {
    expect(mergePatch(target, patch)).toEqual(result);
  });

  it('leaves alone what is undefined', () => {
    expect(mergePatch({ a: 1 }, { a: undefined })).toEqual({ a: 1 });
  });
});
