import { statement } from './named-parameters';

describe('a statement with named parameters', () => {
  it('numbers them by where each stands first, and leaves casts alone', () => {
    const { text } = statement('s', 'select :bc::int, :a::text, :bc from t where x::date > :a');
    expect(text).toBe('select $1::int, $2::text, $1 from t where x::date > $2');
  });

  it('puts the values in that order', () => {
    const select = statement('s', 'select :second, :first');
    expect(select.with({ first: 1, second: null })).toEqual({ name: 's', text: 'select $1, $2', values: [null, 1] });
  });

  it.each([
    ['one is missing', { a: 1 }],
    ['one is too many', { a: 1, b: 2, c: 3 }],
  ])('refuses values of which %s', (_, values) => {
    expect(() => statement('s', 'select :a, :b').with(values)).toThrow(/statement s: .* differ in [bc]$/);
  });
});
