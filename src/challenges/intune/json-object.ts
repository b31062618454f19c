import { parsedJson } from '../../outbound/outbound-client';

/** A JSON object of which nothing is known yet. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** The octets as a JSON object; undefined where they are none. */
export function jsonObject(body: Buffer): JsonObject | undefined {
  try {
    const value = parsedJson(body);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a JSON value is an object. */
export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The text in a field; undefined where there is none. */
export function textOf(object: JsonObject, field: string): string | undefined {
  const value = object[field];
  return typeof value === 'string' ? value : undefined;
}

/** Text of another service as it may be shown: one line without control characters, and not at any length. */
export function shown(text: string, longest = 300): string {
  const line = text.replace(/[\u0000-\u001f\u007f-\u009f\s]+/g, ' ').trim();
  return line.length > longest ? `${line.slice(0, longest - 1)}…` : line;
}
