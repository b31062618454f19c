import type { Property } from './properties';
import { EJBCA_KEYS } from './ejbca-keys';
import type { KeyContext } from './ejbca-rule';

/** What an alias is already, or the defaults. */
export interface PresentAlias {
  readonly operationalMode: 'CA' | 'RA';
  readonly authorities: readonly string[];
  readonly digests: readonly string[];
  /** Whether Intune is asked about its requests. */
  readonly usesIntune: boolean;
  /** Dotted names of the secrets that it has. */
  readonly secretFields: readonly string[];
}

/** A line of the file, and the fields that it has become. */
export interface CarriedOver {
  /** Without the alias. */
  readonly key: string;
  /** Dotted names. */
  readonly fields: readonly string[];
}

/** A line that has become nothing. Its value is not repeated: it can be a secret. */
export interface LeftOut {
  readonly key: string;
  readonly reason: string;
}

/** What lines in EJBCA's form mean for an alias. */
export interface MappedLines {
  /** A JSON merge patch (RFC 7396) for the alias. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly carriedOver: readonly CarriedOver[];
  readonly leftOut: readonly LeftOut[];
  /** What else the administrator has to know. */
  readonly remarks: readonly string[];
}

/** Reads lines in EJBCA's form. No value of theirs is repeated in any text. */
export function mapLines(properties: readonly Property[], present: PresentAlias): MappedLines {
  const settings: Record<string, unknown> = {};
  const carriedOver: CarriedOver[] = [];
  const leftOut: LeftOut[] = [];
  const remarks: string[] = [];
  const context = contextOf(properties, present);
  for (const { key, value } of properties) {
    const rule = Object.hasOwn(EJBCA_KEYS, key) ? EJBCA_KEYS[key] : undefined;
    if (rule === undefined) {
      leftOut.push({ key, reason: 'it is no key of an alias' });
      continue;
    }
    const carried = rule(value.trim(), context);
    if (carried === undefined) continue;
    if ('reason' in carried) {
      leftOut.push({ key, reason: carried.reason });
      continue;
    }
    for (const [field, fieldValue] of Object.entries(carried.fields)) put(settings, field.split('.'), fieldValue);
    const fields = Object.keys(carried.fields);
    if (fields.length > 0) carriedOver.push({ key, fields });
    if (carried.remark !== undefined) remarks.push(carried.remark);
  }
  return { settings, carriedOver, leftOut, remarks: [...remarks, ...withoutSecret(settings, context, present)] };
}

/** Mode and kind of challenge stand in some line of the file, not always in the first. */
function contextOf(properties: readonly Property[], present: PresentAlias): KeyContext {
  const values = new Map(properties.map(({ key, value }) => [key, value]));
  const mode = values.get('operationmode')?.trim().toUpperCase();
  const intune = values.get('useIntune')?.trim().toLowerCase();
  const { authorities, digests, usesIntune: usedIntune } = present;
  return {
    operationalMode: mode === 'CA' || mode === 'RA' ? mode : present.operationalMode,
    usesIntune: intune === 'true' || (usedIntune && intune !== 'false'),
    usedIntune,
    authorities,
    digests,
    values,
  };
}

/** An alias whose secret is not there, and does not come with the file, must not be enabled. */
function withoutSecret(settings: Record<string, unknown>, context: KeyContext, present: PresentAlias): string[] {
  const field = secretOf(context);
  if (field === undefined || settings.enabled === false || present.secretFields.includes(field)) return [];
  if (field.split('.').reduce<unknown>((value, key) => (value as Settings | undefined)?.[key], settings) !== undefined)
    return [];
  settings.enabled = false;
  return [`The alias has no secret that could be carried over. It is disabled until ${field} is set.`];
}

type Settings = Readonly<Record<string, unknown>>;

/** The secret without which nothing authenticates a request. */
function secretOf({ operationalMode, usesIntune }: KeyContext): string | undefined {
  if (usesIntune) return 'challenge.intune.applicationKey';
  return operationalMode === 'RA' ? 'ra.authenticationPassword' : undefined;
}

function put(place: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [key = '', ...rest] = path;
  if (rest.length === 0) place[key] = value;
  else {
    place[key] ??= {};
    put(place[key] as Record<string, unknown>, rest, value);
  }
}
