import type { NamedStatement } from './pg-pool';

/** A prepared statement whose parameters have names, so that one more does not renumber the others. */
export interface ParameterisedStatement {
  /** As it is sent: with $1, $2 …, each parameter numbered by where it stands first. */
  readonly text: string;
  /**
   * The statement with its values.
   * @throws Error unless there is exactly one for each parameter of the text: a mistake of whoever wrote it
   */
  with(values: Readonly<Record<string, unknown>>): NamedStatement;
}

// The second colon of a cast has one in front of it, the first has one behind.
const PARAMETER = /(?<!:):([A-Za-z][A-Za-z0-9]*)\b/g;

/**
 * Reads a statement in which `:endEntityId` stands for a parameter; `::bytea` is a cast as ever. Texts in quotation marks
 * must hold no colon in front of a letter.
 *
 * @param name as {@link NamedStatement.name}
 */
export function statement(name: string, text: string): ParameterisedStatement {
  const numbered = [...new Set([...text.matchAll(PARAMETER)].map(([, parameter = '']) => parameter))];
  const sent = text.replaceAll(PARAMETER, (_, parameter: string) => `$${numbered.indexOf(parameter) + 1}`);
  return {
    text: sent,
    with(values) {
      const superfluous = Object.keys(values).filter((key) => !numbered.includes(key));
      const wrong = [...numbered.filter((parameter) => !Object.hasOwn(values, parameter)), ...superfluous];
      if (wrong.length > 0)
        throw new Error(`statement ${name}: its values and parameters differ in ${wrong.join(', ')}`);
      return { name, text: sent, values: numbered.map((parameter) => values[parameter]) };
    },
  };
}
