/** Longer values fit no pattern: what fits is to stand in a certificate. */
const MAX_VALUE = 1024;

/** Stands for any characters, and for an asterisk, while texts are folded and compared: no value has them. */
const ANY = '\0';
const ASTERISK = '\u0001';

/** How patterns are written, for messages. */
export const PATTERN_NOTATION = 'where * stands for any characters but an asterisk, and \\* for an asterisk';

/**
 * A pattern for values: a text in which `*` stands for any characters, none too. An asterisk in a value, which makes a host
 * name stand for others, is fitted by `\*` alone. Not a regular expression: those can take for ever to find no match, and a
 * forgotten backslash makes them fit more than was meant.
 */
export class ValuePattern {
  /** The texts between the asterisks, folded. */
  private readonly parts: readonly string[];

  /**
   * @param text as the administrator wrote it
   * @param fold makes equal what shall fit alike, such as letters of either case
   */
  constructor(
    readonly text: string,
    private readonly fold: (value: string) => string = (value) => value,
  ) {
    // Folded as a whole, as values are: what is cut at the ends must not be cut in the middle.
    const marked = text.replace(/\\\*|\*/g, (found) => (found === '*' ? ANY : ASTERISK));
    this.parts = fold(marked).split(ANY);
  }

  /** Whether the value fits. Takes time in proportion to the length of both. */
  fits(value: string): boolean {
    if (value.length > MAX_VALUE || value.includes(ANY) || value.includes(ASTERISK)) return false;
    const folded = this.fold(value).replaceAll('*', ASTERISK);
    const [first = '', ...rest] = this.parts;
    const last = rest.pop();
    if (last === undefined) return folded === first;
    if (!folded.startsWith(first) || !folded.endsWith(last)) return false;
    const end = folded.length - last.length;
    let position = first.length;
    if (position > end) return false;
    const runs: string[] = [];
    for (const part of rest) {
      const found = folded.indexOf(part, position);
      if (found < 0 || found + part.length > end) return false;
      runs.push(folded.slice(position, found));
      position = found + part.length;
    }
    runs.push(folded.slice(position, end));
    return !runs.some((run) => run.includes(ASTERISK));
  }
}
