import { type Property, readProperties } from './properties';

/** What EJBCA's own example writes in the place of the alias. */
const ANY_ALIAS = 'uploaded';

/** Lines of a file that are for one alias. */
export interface AliasLines {
  readonly alias: string;
  /** Keys without the alias; of one that stands twice the last. */
  readonly properties: readonly Property[];
}

/**
 * The lines of an `ALIAS.key=VALUE` file by their alias. `uploaded.` in place of the alias, as in EJBCA's own example, means
 * whichever alias the file is otherwise for; a line without any alias, too.
 */
function aliasLines(text: string): AliasLines[] {
  const byAlias = new Map<string, Map<string, string>>();
  const forAny: Property[] = [];
  for (const { key, value } of readProperties(text)) {
    const { alias, rest } = split(key);
    if (alias === undefined) forAny.push({ key: rest, value });
    else byAlias.set(alias, (byAlias.get(alias) ?? new Map<string, string>()).set(rest, value));
  }
  if (byAlias.size === 0 && forAny.length > 0) byAlias.set('', new Map());
  return [...byAlias].map(([alias, own]) => {
    for (const { key, value } of forAny) own.set(key, value);
    return { alias, properties: [...own].map(([key, value]) => ({ key, value })) };
  });
}

/** What an import found in a file for one alias. */
export interface ChosenLines {
  readonly properties: readonly Property[];
  /** The name that the lines had, where it is another than that of the alias. */
  readonly renamedFrom: string | undefined;
  /** Other aliases in the file, whose lines are not looked at. */
  readonly others: readonly string[];
}

/** The lines for an alias: its own, or those of the only alias there is, which are then taken to be meant. */
export function linesFor(alias: string, text: string): ChosenLines {
  const all = aliasLines(text);
  const [only] = all;
  const chosen = all.find((lines) => lines.alias === alias) ?? (all.length === 1 ? only : undefined);
  const named = chosen === undefined || chosen.alias === '' || chosen.alias === alias;
  return {
    properties: chosen?.properties ?? [],
    renamedFrom: named ? undefined : chosen.alias,
    others: all.filter((lines) => lines !== chosen).map((lines) => lines.alias),
  };
}

/** Keys that have a dot themselves. */
const DOTTED_KEY = /^(ra\.\w+)$/;

function split(key: string): { readonly alias: string | undefined; readonly rest: string } {
  const dot = key.indexOf('.');
  if (dot < 0 || DOTTED_KEY.test(key)) return { alias: undefined, rest: key };
  const [alias, rest] = [key.slice(0, dot), key.slice(dot + 1)];
  return { alias: alias === ANY_ALIAS ? undefined : alias, rest };
}
