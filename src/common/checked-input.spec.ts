import { Type } from 'class-transformer';
import { IsInt, IsObject, IsOptional, IsString, Matches, ValidateNested } from 'class-validator';
import { checkedInput, invalidInput, readStored } from './checked-input';
import { ServiceError } from './service-error';

class Inner {
  @IsInt()
  count: number;
}

class Outer {
  @IsString()
  @Matches(/^[a-z]+$/)
  name: string;

  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => Inner)
  inner?: Inner;

  @IsOptional()
  @ValidateNested({ each: true })
  @Type(() => Inner)
  list?: Inner[];
}

function problemsOf(raw: unknown): { field: string; message: string }[] {
  try {
    checkedInput(Outer, raw);
  } catch (error) {
    if (error instanceof ServiceError && error.code === 'invalid-input') return [...error.fields];
    throw error;
  }
  return [];
}

describe('checked input', () => {
  it('is an instance of its class', () => {
    expect(checkedInput(Outer, { name: 'a', inner: { count: 1 } }).inner).toBeInstanceOf(Inner);
  });

  it('names all mistakes at once, nested ones by their path', () => {
    const fields = problemsOf({ name: 'A', inner: { count: 'x' }, list: [{ count: 1 }, {}] }).map(({ field }) => field);
    expect(fields).toEqual(['name', 'inner.count', 'list[1].count']);
  });

  it('refuses fields that do not exist, nested ones too', () => {
    expect(problemsOf({ name: 'a', inner: { count: 1, extra: 2 }, other: 3 })).toEqual([
      { field: 'other', message: 'there is no such field' },
      { field: 'inner.extra', message: 'there is no such field' },
    ]);
  });

  it('never repeats a value', () => {
    const problems = problemsOf({ name: 'S3CRET!', inner: 'S3CRET!', list: ['S3CRET!'] });
    expect(problems.length).toBeGreaterThan(2);
    expect(JSON.stringify(problems)).not.toContain('S3CRET!');
  });

  it.each([[null], ['text'], [[]], [7], [undefined]])('refuses %j', (raw) => {
    expect(problemsOf(raw)).toHaveLength(1);
  });

  it('refuses a list where an object belongs', () => {
    expect(problemsOf({ name: 'a', inner: [{ count: 1 }] })).toHaveLength(1);
  });

  it('refuses what is nested so deeply that checking it would run out of stack', () => {
    const deep: unknown = JSON.parse(`{"name":"a","inner":${'['.repeat(100_000)}${']'.repeat(100_000)}}`);
    expect(problemsOf(deep)).toEqual([{ field: '', message: 'is nested too deeply' }]);
  });

  it('refuses texts that cannot be stored, wherever they are', () => {
    const problems = problemsOf({ name: 'a\0b', inner: { count: '\ud800' }, list: ['x', 'well 😀', '\udfff'] });
    expect(problems.map(({ field }) => field)).toEqual(['name', 'inner.count', 'list[2]']);
  });

  it('is not fooled by __proto__ and constructor', () => {
    const input = checkedInput(Outer, JSON.parse('{"name":"a","__proto__":{"x":1},"constructor":{"y":1}}'));
    expect(Object.keys(input).filter((key) => key !== 'inner' && key !== 'list')).toEqual(['name']);
    expect(Object.getPrototypeOf(input)).toBe(Outer.prototype);
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });
});

describe('what was stored', () => {
  it('is not the fault of who reads it', () => {
    const read = (): never => {
      throw invalidInput([{ field: 'a', message: 'b' }]);
    };
    expect(() => readStored('alias x', read)).toThrow(/^conflict: alias x was stored by another version/);
    expect(readStored('alias x', () => 7)).toBe(7);
  });
});
