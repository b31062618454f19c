/** How bad it is: devices will fail; some may, or security suffers; worth knowing. */
export const FINDING_LEVELS = ['error', 'warning', 'note'] as const;

/** One of {@link FINDING_LEVELS}. */
export type FindingLevel = (typeof FINDING_LEVELS)[number];

/** One thing that would go wrong with an alias, in sentences for the administrator. */
export interface Finding {
  readonly level: FindingLevel;
  /** What was found, the same for the same cause in every release: `ca.signature-usage`. */
  readonly rule: string;
  readonly what: string;
  readonly why: string;
  readonly mend: string;
  /** Commands that mend it, ready for a shell; none where there is nothing to type. */
  readonly commands: readonly string[];
}

/** The beginning of a command that changes fields of an alias. */
export const changeAlias = (alias: string, ...settings: readonly string[]): string =>
  ['scep-gateway alias change', shellWord(alias), ...settings.map((setting) => `--set ${shellWord(setting)}`)].join(
    ' ',
  );

/** One word of a shell command: in quotes where it would be read as anything else. */
export function shellWord(text: string): string {
  return /^[\w.,:/=@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** A list in words: `a, b and c`. */
export function inWords(items: readonly string[], last: 'and' | 'or' = 'and'): string {
  const head = items.slice(0, -1).join(', ');
  return [...(head === '' ? [] : [head]), ...items.slice(-1)].join(` ${last} `);
}
