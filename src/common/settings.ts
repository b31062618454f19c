/** A value of which any part may be left out; null says the same as absent. */
export type Given<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { [K in keyof T]?: Given<T[K]> | null }
    : T;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * The whole value: what was given, and the default for everything else. Frozen, nested values too.
 *
 * @param defaults has every field of the type; the result has exactly these, in this order
 */
export function withDefaults<T extends object>(given: Given<T>, defaults: T): Readonly<T> {
  const result: Record<string, unknown> = {};
  for (const [key, fallback] of Object.entries(defaults)) {
    const value: unknown = (given as Record<string, unknown>)[key] ?? fallback;
    result[key] = isRecord(fallback) ? withDefaults(value as object, fallback) : frozenCopy(value);
  }
  return Object.freeze(result) as Readonly<T>;
}

/** What was really given: without class instances, without fields that are null or undefined. For storing. */
export function withoutAbsent(given: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(given)
      .filter(([, value]) => value !== undefined && value !== null)
      .map(([key, value]: [string, unknown]) => [key, isRecord(value) ? withoutAbsent(value) : value]),
  );
}

/**
 * JSON merge patch (RFC 7396): fields of the patch replace those of the target, objects are merged, null removes, so
 * that the default holds again. Undefined leaves a field as it is.
 */
export function mergePatch(target: object, patch: object): Record<string, unknown> {
  const result: Record<string, unknown> = { ...target };
  for (const [key, value] of Object.entries(patch) as [string, unknown][]) {
    if (value === undefined) continue;
    if (value === null) Reflect.deleteProperty(result, key);
    else if (isRecord(value)) result[key] = mergePatch(isRecord(result[key]) ? result[key] : {}, value);
    else result[key] = value;
  }
  return result;
}

const frozenCopy = (value: unknown): unknown =>
  Array.isArray(value) ? Object.freeze([...(value as unknown[])]) : value;
