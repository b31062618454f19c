import type { FieldProblem } from '../common/checked-input';
import { attributeOid } from '../pki/x509/attribute-type';
import { DistinguishedName } from '../pki/x509/distinguished-name';
import {
  ALT_NAME_FIELD_NOTATION,
  ALT_NAME_PATTERN_NOTATION,
  altNameOf,
  type AltNameField,
  parseAltNamePattern,
  readAltNameField,
} from './alt-name-fields';
import type { EndEntityProfileSettings, NameRules } from './end-entity-profile';
import {
  attributeLabel,
  parseSubjectPattern,
  readSubjectFields,
  SUBJECT_PATTERN_NOTATION,
  type SubjectFields,
} from './subject-fields';
import type { ValuePattern } from './value-pattern';

/**
 * Reads what an end entity profile says of names.
 *
 * @param problems takes each mistake, those too by which the profile could never be met
 */
export function readNameRules(settings: EndEntityProfileSettings, problems: FieldProblem[]): NameRules {
  const wrong = (field: string, message: string): void => void problems.push({ field, message });
  const allowed = new Set(attributes(settings, 'allowedSubjectAttributes', wrong).values());
  const rules: NameRules = {
    allowedSubjectOids: allowed.size === 0 ? undefined : allowed,
    requiredSubjectOids: attributes(settings, 'requiredSubjectAttributes', wrong),
    defaultFields: fields(settings, 'defaultSubject', wrong),
    fixedFields: fields(settings, 'fixedSubject', wrong),
    subjectPatterns: grouped(
      entries(settings, 'allowedSubjectValues', parseSubjectPattern, SUBJECT_PATTERN_NOTATION, wrong),
      ({ oid }) => oid,
    ),
    subjectAltNameTypes: settings.subjectAltNameTypes,
    requiredSubjectAltNames: settings.requiredSubjectAltNames,
    defaultAltNames: entries(settings, 'defaultSubjectAltNames', readAltNameField, ALT_NAME_FIELD_NOTATION, wrong),
    fixedAltNames: entries(settings, 'fixedSubjectAltNames', readAltNameField, ALT_NAME_FIELD_NOTATION, wrong),
    altNamePatterns: grouped(
      entries(settings, 'allowedSubjectAltNameValues', parseAltNamePattern, ALT_NAME_PATTERN_NOTATION, wrong),
      ({ type }) => type,
    ),
  };
  if (problems.length === 0) {
    judgeSubject(rules, wrong);
    judgeAltNames(rules, wrong);
  }
  return rules;
}

type Wrong = (field: string, message: string) => void;

function attributes(
  settings: EndEntityProfileSettings,
  field: 'allowedSubjectAttributes' | 'requiredSubjectAttributes',
  wrong: Wrong,
): Map<string, string> {
  const found = new Map<string, string>();
  settings[field].forEach((name, index) => {
    const oid = attributeOid(name);
    if (oid === undefined) wrong(`${field}[${index}]`, 'must be an attribute of a name, such as CN or 2.5.4.3');
    else found.set(name, oid);
  });
  return found;
}

function fields(
  settings: EndEntityProfileSettings,
  field: 'defaultSubject' | 'fixedSubject',
  wrong: Wrong,
): SubjectFields {
  const read = readSubjectFields(settings[field]);
  if (typeof read !== 'string') return read;
  wrong(field, read);
  return new Map();
}

function entries<Entry>(
  settings: EndEntityProfileSettings,
  field: 'allowedSubjectValues' | 'defaultSubjectAltNames' | 'fixedSubjectAltNames' | 'allowedSubjectAltNameValues',
  read: (text: string) => Entry | undefined,
  notation: string,
  wrong: Wrong,
): Entry[] {
  return settings[field].flatMap((text, index) => {
    const entry = read(text);
    if (entry !== undefined) return [entry];
    wrong(`${field}[${index}]`, notation);
    return [];
  });
}

function grouped<Entry extends { readonly pattern: ValuePattern }>(
  list: readonly Entry[],
  key: (entry: Entry) => string,
): Map<string, ValuePattern[]> {
  const groups = new Map<string, ValuePattern[]>();
  for (const entry of list) groups.set(key(entry), [...(groups.get(key(entry)) ?? []), entry.pattern]);
  return groups;
}

/** What is filled in must be allowed, or nobody could ever be registered. */
function judgeSubject(rules: NameRules, wrong: Wrong): void {
  const { allowedSubjectOids: allowed, requiredSubjectOids, defaultFields, fixedFields, subjectPatterns } = rules;
  if (allowed !== undefined && [...requiredSubjectOids.values()].some((oid) => !allowed.has(oid)))
    wrong('requiredSubjectAttributes', 'must be among allowedSubjectAttributes');
  for (const [field, given] of [
    ['defaultSubject', defaultFields],
    ['fixedSubject', fixedFields],
  ] as const)
    for (const [oid, values] of given) {
      const label = attributeLabel(oid);
      if (allowed?.has(oid) === false) wrong(field, `has ${label}, which is not among allowedSubjectAttributes`);
      if (values.some(({ value }) => subjectPatterns.get(oid)?.every((pattern) => !pattern.fits(value)) === true))
        wrong(field, `has a value of ${label} that allowedSubjectValues does not allow`);
      if (field === 'defaultSubject' && fixedFields.has(oid)) wrong(field, `has ${label}, which fixedSubject has too`);
    }
}

const NOBODY = DistinguishedName.parse('');

function judgeAltNames(rules: NameRules, wrong: Wrong): void {
  const types: readonly string[] = rules.subjectAltNameTypes;
  if (rules.requiredSubjectAltNames.some((type) => !types.includes(type)))
    wrong('requiredSubjectAltNames', 'must be among subjectAltNameTypes');
  const fixedTypes = new Set(rules.fixedAltNames.map(({ type }) => type));
  const judge = (name: string, list: readonly AltNameField[]): void => {
    list.forEach((entry, index) => {
      const field = `${name}[${index}]`;
      const { type } = entry;
      if (!types.includes(type)) wrong(field, 'is of a type that is not among subjectAltNameTypes');
      const given = altNameOf(entry, NOBODY);
      const unfit =
        typeof given === 'object' && rules.altNamePatterns.get(type)?.every((one) => !one.fits(given.value));
      if (unfit === true) wrong(field, 'is a value that allowedSubjectAltNameValues does not allow');
      if (name === 'defaultSubjectAltNames' && fixedTypes.has(type))
        wrong(field, 'is of a type that fixedSubjectAltNames has too');
    });
  };
  judge('defaultSubjectAltNames', rules.defaultAltNames);
  judge('fixedSubjectAltNames', rules.fixedAltNames);
}
