import { CommandError } from './command-error';
import { ExitCode } from './exit-code';

/** Settings as they go to the gateway: null brings the default back. */
export type Settings = Record<string, unknown>;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Reads `field=value` as the options `--set` bring it, and the fields that `--unset` names.
 *
 * @param template an object with a value of the right type in every field: tells lists, numbers and booleans from text
 * @returns a JSON merge patch (RFC 7396)
 * @throws CommandError `usage` for a field that the template has not and a value of another type
 */
export function readAssignments(assignments: readonly string[], unset: readonly string[], template: object): Settings {
  const settings: Settings = {};
  for (const assignment of assignments) {
    const [, field, text] = /^([^=]+)=(.*)$/s.exec(assignment) ?? [];
    if (field === undefined || text === undefined)
      throw new CommandError(ExitCode.usage, `--set takes field=value, not "${assignment}"`);
    put(settings, field, readValue(field, text, exampleOf(field, template)));
  }
  for (const field of unset) {
    exampleOf(field, template);
    put(settings, field, null);
  }
  return settings;
}

/** One patch for two: where both name a field the second counts, null included. */
export function joinedPatches(first: Settings, second: Settings): Settings {
  const joined = { ...first };
  for (const [key, value] of Object.entries(second)) {
    const before = joined[key];
    joined[key] = isObject(before) && isObject(value) ? joinedPatches(before, value) : value;
  }
  return joined;
}

/** Dotted paths of all fields that can be set. */
export function settableFields(template: object, prefix = ''): string[] {
  return Object.entries(template).flatMap(([key, value]) =>
    isObject(value) ? settableFields(value, `${prefix}${key}.`) : [prefix + key],
  );
}

function exampleOf(field: string, template: object): unknown {
  if (settableFields(template).includes(field))
    return field.split('.').reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], template);
  const known = settableFields(template).join(', ');
  throw new CommandError(ExitCode.usage, `there is no field "${field}"; there are: ${known}`);
}

function readValue(field: string, text: string, example: unknown): unknown {
  if (Array.isArray(example)) return readList(text);
  if (typeof example === 'boolean') {
    if (text === 'true' || text === 'false') return text === 'true';
    throw new CommandError(ExitCode.usage, `${field} is true or false`);
  }
  if (typeof example === 'number') {
    if (/^\d{1,15}$/.test(text)) return Number(text);
    throw new CommandError(ExitCode.usage, `${field} is a whole number`);
  }
  return text;
}

/** Reads what `cellText` in `table.ts` writes; blanks at the ends of an item do not count. */
function readList(text: string): string[] {
  if (text === '') return [];
  const items = [''];
  for (const [token] of text.matchAll(/\\[\\,]|[^]/g))
    if (token === ',') items.push('');
    else items.push((items.pop() ?? '') + (token === '\\,' || token === '\\\\' ? token.slice(1) : token));
  return items.map((item) => item.trim());
}

function put(settings: Settings, field: string, value: unknown): void {
  const path = field.split('.');
  const last = path.pop() ?? field;
  let place = settings;
  for (const key of path) {
    place[key] ??= {};
    place = place[key] as Settings;
  }
  place[last] = value;
}
