import { GENERAL_NAME_TYPES } from '../pki/x509/general-name';
import { attributeOid } from '../pki/x509/attribute-type';
import type { DistinguishedName } from '../pki/x509/distinguished-name';
import type { SubjectAltNameType } from './certificate-profile';
import { checkedSubjectAltName, type SubjectAltName } from './subject-alt-name';
import { PATTERN_NOTATION, ValuePattern } from './value-pattern';

/** A subjectAltName that a profile gives: its value may take attributes over from the subject. */
export interface AltNameField {
  /** As the administrator wrote it. */
  readonly text: string;
  readonly type: SubjectAltNameType;
  /** Texts, and between them the attributes (dotted) whose first value stands there. */
  readonly parts: readonly (string | { readonly oid: string })[];
}

/** What values subjectAltNames of a type may have. */
export type AltNamePatterns = ReadonlyMap<string, readonly ValuePattern[]>;

/** How {@link readAltNameField} wants its text, for messages. */
export const ALT_NAME_FIELD_NOTATION =
  'must be a type and a value such as dns:gate.example.com, or dns:${CN}.example.com with an attribute of the subject';

/** How {@link parseAltNamePattern} wants its text, for messages. */
export const ALT_NAME_PATTERN_NOTATION = `must be a type and a pattern such as dns:*.example.com, ${PATTERN_NOTATION}`;

function typed(text: string): { type: SubjectAltNameType; value: string } | undefined {
  const [, name, value] = /^\s*([A-Za-z]+):(.*\S)\s*$/su.exec(text) ?? [];
  const type = GENERAL_NAME_TYPES.find((known) => known === name);
  return type === undefined || value === undefined ? undefined : { type, value };
}

/** Reads `dns:${CN}.example.com`; undefined if the text is none such. */
export function readAltNameField(text: string): AltNameField | undefined {
  const { type, value } = typed(text) ?? {};
  if (type === undefined || value === undefined) return undefined;
  const parts = value.split(/\$\{([^{}]*)\}/u).map((part, index) => {
    if (index % 2 === 0) return part;
    const oid = attributeOid(part);
    return oid && { oid };
  });
  const known = parts.filter((part) => part !== undefined);
  if (known.length < parts.length) return undefined;
  const field = { text, type, parts: known };
  // What takes nothing over can be judged at once.
  return known.length === 1 && typeof checkedSubjectAltName({ type, value }) === 'string' ? undefined : field;
}

/** Reads `dns:*.example.com`; undefined if the text is none such. */
export function parseAltNamePattern(
  text: string,
): { readonly type: SubjectAltNameType; readonly pattern: ValuePattern } | undefined {
  const { type, value } = typed(text) ?? {};
  if (type === undefined || value === undefined) return undefined;
  return { type, pattern: new ValuePattern(value, (name) => foldedAltName({ type, value: name })) };
}

/**
 * The name that a field gives to this subject; undefined where the subject lacks an attribute of it.
 *
 * @returns the name, or the text of the field where that gives no valid name
 */
export function altNameOf(field: AltNameField, subject: DistinguishedName): SubjectAltName | string | undefined {
  const values = field.parts.map((part) => (typeof part === 'string' ? part : subject.first(part.oid)));
  if (values.includes(undefined)) return undefined;
  const checked = checkedSubjectAltName({ type: field.type, value: values.join('') });
  return typeof checked === 'string' ? field.text : checked;
}

/** The value as names of its type are compared: host names, and what ends with one, do not know letter case. */
export function foldedAltName({ type, value }: { readonly type: string; readonly value: string }): string {
  return type === 'dns' || type === 'email' || type === 'upn' ? value.toLowerCase() : value;
}
