import { asStorable, isStorable } from './storable-text';

describe('a text that PostgreSQL can store', () => {
  it.each(['', 'plain', 'a\n\u0001', '\u{1F600}'])('%j', (text) => {
    expect([isStorable(text), asStorable(text)]).toEqual([true, text]);
  });

  it.each([
    ['a\0b\0', 'a\uFFFDb\uFFFD'],
    ['\ud83d', '\uFFFD'],
    ['\ude00\ud83d', '\uFFFD\uFFFD'],
  ])('%j becomes one', (text, stored) => {
    // Twice: a pattern that remembers where it found something would find nothing the second time.
    expect([isStorable(text), isStorable(text), asStorable(text)]).toEqual([false, false, stored]);
  });
});
