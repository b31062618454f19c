import type { ChallengeSecrets } from '../challenges/challenge';
import { WEBHOOK_SECRET_FIELDS } from '../challenges/webhook/webhook-settings';
import { type FieldProblem, invalidInput } from '../common/checked-input';
import { withoutAbsent } from '../common/settings';

/**
 * The settings of an alias that are secret, by their dotted names. Whoever reads the alias sees a mask where one is set;
 * the mask given back keeps it.
 */
export const ALIAS_SECRET_FIELDS = [
  'challenge.password',
  'ra.authenticationPassword',
  ...WEBHOOK_SECRET_FIELDS,
  'challenge.intune.applicationKey',
  'challenge.intune.proxyPassword',
] as const;

/** What stands in the place of a secret that is set. */
export const SECRET_MASK = '********';

/** The secrets of one alias in the clear. It shows none of them to who prints it. */
export class AliasSecrets implements ChallengeSecrets {
  readonly #values: ReadonlyMap<string, string>;

  /** @param values by dotted name; none is empty */
  constructor(values: ReadonlyMap<string, string>) {
    this.#values = values;
  }

  get(field: string): string | undefined {
    return this.#values.get(field);
  }

  /** Dotted names of those that are set. */
  get fields(): readonly string[] {
    return [...this.#values.keys()];
  }
}

/** Settings as they were given, taken apart. */
export interface SplitSettings {
  /** Without any secret, for storing. */
  readonly open: Record<string, unknown>;
  /** All that is given, with a mask for each secret: for checking and for showing. */
  readonly masked: Record<string, unknown>;
  /** Secrets that are new, by dotted name. */
  readonly fresh: ReadonlyMap<string, string>;
  /** Dotted names of those that stay as they are. */
  readonly kept: readonly string[];
}

/**
 * Takes the secrets out of settings. An empty text is no secret.
 *
 * @param given settings whose types were checked
 * @param present dotted names of the secrets that the alias has
 * @throws ServiceError `invalid-input` for a mask where nothing is set, and for nothing but white space
 */
export function splitSecrets(given: object, present: readonly string[]): SplitSettings {
  const fresh = new Map<string, string>();
  const kept: string[] = [];
  const problems: FieldProblem[] = [];
  let open = withoutAbsent(given);
  let masked = open;
  for (const field of ALIAS_SECRET_FIELDS) {
    const value = valueAt(given, field);
    if (value === undefined) continue;
    open = withValueAt(open, field, undefined);
    if (value === '') {
      masked = withValueAt(masked, field, undefined);
      continue;
    }
    if (value.trim() === '') problems.push({ field, message: 'must not be blank' });
    else if (value !== SECRET_MASK) fresh.set(field, value);
    else if (present.includes(field)) kept.push(field);
    else problems.push({ field, message: 'is not set, so there is nothing to keep: give the secret itself' });
    masked = withValueAt(masked, field, SECRET_MASK);
  }
  if (problems.length > 0) throw invalidInput(problems);
  return { open: withoutAbsent(open), masked, fresh, kept };
}

/** The settings with a mask for each of these secrets. */
export const withMasks = (settings: object, fields: readonly string[]): Record<string, unknown> =>
  fields.reduce<Record<string, unknown>>((masked, field) => withValueAt(masked, field, SECRET_MASK), { ...settings });

function valueAt(settings: object, field: string): string | undefined {
  let value: unknown = settings;
  for (const key of field.split('.')) value = (value as Record<string, unknown> | undefined | null)?.[key];
  return typeof value === 'string' ? value : undefined;
}

function withValueAt(settings: object, field: string, value: string | undefined): Record<string, unknown> {
  const [key = '', ...rest] = field.split('.');
  const copy: Record<string, unknown> = { ...settings };
  if (rest.length > 0) copy[key] = withValueAt((copy[key] as object | undefined) ?? {}, rest.join('.'), value);
  else if (value === undefined) Reflect.deleteProperty(copy, key);
  else copy[key] = value;
  return copy;
}
