import { DerError } from '../pki/der/der-error';
import { attributeOid, attributeTypeByOid } from '../pki/x509/attribute-type';
import type { NameAttribute } from '../pki/x509/attribute-value';
import { DistinguishedName, foldCase } from '../pki/x509/distinguished-name';
import { PATTERN_NOTATION, ValuePattern } from './value-pattern';

/** Attributes of a subject by their types (dotted), in the order in which the types were named. */
export type SubjectFields = ReadonlyMap<string, readonly NameAttribute[]>;

/** What values the attributes of a type may have, by the type (dotted). */
export type SubjectPatterns = ReadonlyMap<string, readonly ValuePattern[]>;

/** How {@link parseSubjectPattern} wants its text, for messages. */
export const SUBJECT_PATTERN_NOTATION = `must be an attribute and a pattern such as CN=*.example.com, ${PATTERN_NOTATION}`;

/**
 * Reads attributes that a profile gives a subject, in the notation of names: `OU=Devices,O=Example,C=SE`.
 *
 * @returns the attributes, or what is wrong with the text
 */
export function readSubjectFields(text: string): SubjectFields | string {
  try {
    const fields = new Map<string, NameAttribute[]>();
    for (const rdn of DistinguishedName.parse(text).rdns) {
      const [attribute, more] = rdn;
      if (attribute === undefined || more !== undefined) return 'must have one attribute in each part, without +';
      fields.set(attribute.oid, [...(fields.get(attribute.oid) ?? []), attribute]);
    }
    return fields;
  } catch (error) {
    if (error instanceof DerError) return `must be attributes such as O=Example,C=SE: ${error.message}`;
    throw error;
  }
}

/** Reads `CN=*.example.com`; undefined if the text is none such. */
export function parseSubjectPattern(
  text: string,
): { readonly oid: string; readonly pattern: ValuePattern } | undefined {
  const [, label = '', value = ''] = /^\s*([^=]+?)\s*=\s*(.*\S)\s*$/su.exec(text) ?? [];
  const oid = attributeOid(label);
  return oid === undefined ? undefined : { oid, pattern: new ValuePattern(value, foldCase) };
}

/** Whether these are the values of the fields, as RFC 5280 section 7.1 compares them. */
export function areValuesOf(fields: readonly NameAttribute[], attributes: readonly NameAttribute[]): boolean {
  return fields.length === attributes.length && fields.every((field, index) => isEqual(field, attributes[index]));
}

function isEqual(field: NameAttribute, attribute: NameAttribute | undefined): boolean {
  if (attribute === undefined) return false;
  if (!field.isText) return field.raw.equals(attribute.raw);
  return attribute.isText && foldCase(field.value) === foldCase(attribute.value);
}

/** All attributes of that type, in the order of the name. */
export const attributesOf = (subject: DistinguishedName, oid: string): readonly NameAttribute[] =>
  subject.rdns.flatMap((rdn) => rdn.filter((attribute) => attribute.oid === oid));

/** The subject with these attributes in parts of their own behind all others. */
export function withFields(subject: DistinguishedName, added: readonly NameAttribute[]): DistinguishedName {
  if (added.length === 0) return subject;
  return DistinguishedName.ofAttributes([...subject.rdns, ...added.map((attribute) => [attribute])]);
}

/** By which an attribute is called. */
export const attributeLabel = (oid: string): string => attributeTypeByOid(oid)?.label ?? oid;
