import type { FieldProblem } from '../common/checked-input';
import type { NameAttribute } from '../pki/x509/attribute-value';
import { DistinguishedName } from '../pki/x509/distinguished-name';
import { altNameOf, type AltNameField, foldedAltName } from './alt-name-fields';
import type { EndEntityProfileSettings, NameRules } from './end-entity-profile';
import type { SubjectAltName } from './subject-alt-name';
import { areValuesOf, attributeLabel, attributesOf, withFields } from './subject-fields';

/** A subjectAltName in text, of whatever type. */
interface AltName {
  readonly type: string;
  readonly value: string;
}

/** A subject and its alternative names: what is registered or requested, or what stands in a certificate. */
export interface EndEntityNames<Name extends AltName = AltName> {
  readonly subject: DistinguishedName;
  readonly subjectAltNames: readonly Name[];
}

/** {@link EndEntityNames} with what the profile has against them; nothing if they may be issued. */
export interface ProfiledNames<Name extends AltName> extends EndEntityNames<Name | SubjectAltName> {
  /** Fields are named as in the REST interface. */
  readonly problems: readonly FieldProblem[];
}

/**
 * What an end entity profile makes of names that someone wishes for: default and fixed ones are filled in, and the whole is
 * judged. For a registration, for a request whose names are issued, and for one that registers its device.
 */
export function profiledNames<Name extends AltName>(
  rules: NameRules,
  asked: EndEntityNames<Name>,
): ProfiledNames<Name> {
  const subject = filledSubject(rules, asked.subject);
  const subjectAltNames: (Name | SubjectAltName)[] = [...asked.subjectAltNames];
  const problems: FieldProblem[] = [];
  const fillIn = (fields: readonly AltNameField[], wanted: (name: AltName) => boolean): void => {
    for (const field of fields) {
      const name = altNameOf(field, subject);
      if (typeof name === 'string')
        problems.push({
          field: 'subjectAltNames',
          message: `the end entity profile makes no valid name for this subject by ${name}`,
        });
      else if (name !== undefined && wanted(name)) subjectAltNames.push(name);
    }
  };
  fillIn(rules.fixedAltNames, (name) => !subjectAltNames.some(isSame(name)));
  const given = new Set(subjectAltNames.map(({ type }) => type));
  fillIn(rules.defaultAltNames, ({ type }) => !given.has(type));
  const names = { subject, subjectAltNames };
  return { ...names, problems: [...problems, ...contentProblems(rules, names)] };
}

/**
 * What an end entity profile has against names as they are; empty if nothing. The fields are named as in the REST interface.
 */
export function contentProblems(rules: NameRules, names: EndEntityNames): FieldProblem[] {
  return [...subjectProblems(rules, names.subject), ...altNameProblems(rules, names)];
}

/** What an end entity is registered for, besides its names. */
export interface EndEntityChoice {
  /** Name of the authority. */
  readonly authority: string;
  /** Name of the certificate profile. */
  readonly certificateProfile: string;
  readonly allowedRequests: number;
}

/** What an end entity profile has against these; empty if nothing. The fields are named as in the REST interface. */
export function choiceProblems(
  profile: Pick<EndEntityProfileSettings, 'authorities' | 'certificateProfiles' | 'maximumAllowedRequests'>,
  { authority, certificateProfile, allowedRequests }: EndEntityChoice,
): FieldProblem[] {
  const problems: FieldProblem[] = [];
  if (!isAllowed(profile.authorities, authority))
    problems.push({ field: 'authority', message: 'the end entity profile does not allow this authority' });
  if (!isAllowed(profile.certificateProfiles, certificateProfile))
    problems.push({
      field: 'certificateProfile',
      message: 'the end entity profile does not allow this certificate profile',
    });
  if (allowedRequests > profile.maximumAllowedRequests)
    problems.push({
      field: 'allowedRequests',
      message: `the end entity profile allows ${profile.maximumAllowedRequests} at most`,
    });
  return problems;
}

const isAllowed = (names: readonly string[], name: string): boolean => names.length === 0 || names.includes(name);

/**
 * Types of attributes (dotted) that the profile fills in where this subject is asked for: by these what is issued may
 * differ from it.
 */
export function filledInTypes(rules: NameRules, asked: DistinguishedName): string[] {
  return [...rules.defaultFields.keys(), ...rules.fixedFields.keys()].filter((oid) => asked.first(oid) === undefined);
}

function filledSubject({ defaultFields, fixedFields }: NameRules, asked: DistinguishedName): DistinguishedName {
  const missing = [...defaultFields, ...fixedFields].filter(([oid]) => asked.first(oid) === undefined);
  return withFields(
    inFixedSpelling(asked, fixedFields),
    missing.flatMap(([, attributes]) => attributes),
  );
}

/** The subject with fixed values as the profile writes them; what is another value stays, to be refused. */
function inFixedSpelling(asked: DistinguishedName, fixedFields: NameRules['fixedFields']): DistinguishedName {
  const spelling = new Map<NameAttribute, NameAttribute>();
  for (const [oid, fixed] of fixedFields) {
    const present = attributesOf(asked, oid);
    if (!areValuesOf(fixed, present)) continue;
    present.forEach((attribute, index) => {
      const wanted = fixed[index];
      if (wanted !== undefined && wanted.value !== attribute.value) spelling.set(attribute, wanted);
    });
  }
  if (spelling.size === 0) return asked;
  return DistinguishedName.ofAttributes(
    asked.rdns.map((rdn) => rdn.map((attribute) => spelling.get(attribute) ?? attribute)),
  );
}

function subjectProblems(rules: NameRules, subject: DistinguishedName): FieldProblem[] {
  const { allowedSubjectOids: allowed, requiredSubjectOids, fixedFields, subjectPatterns } = rules;
  const attributes = subject.rdns.flat();
  const present = new Set(attributes.map(({ oid }) => oid));
  const unwanted = allowed === undefined ? [] : [...present].filter((oid) => !allowed.has(oid));
  const missing = [...requiredSubjectOids].filter(([, oid]) => !present.has(oid)).map(([name]) => name);
  const changed = [...fixedFields].filter(([oid, fixed]) => !areValuesOf(fixed, attributesOf(subject, oid)));
  const unfit = attributes.filter(
    ({ oid, value, isText }) => subjectPatterns.get(oid)?.every((pattern) => !isText || !pattern.fits(value)) === true,
  );
  return [
    ...unwanted.map((oid) => `the end entity profile does not allow ${attributeLabel(oid)}`),
    ...missing.map((name) => `the end entity profile requires ${name}`),
    ...changed.map(([oid]) => `the end entity profile fixes ${attributeLabel(oid)} to another value`),
    ...[...new Set(unfit.map(({ oid }) => oid))].map(
      (oid) => `the end entity profile does not allow this value of ${attributeLabel(oid)}`,
    ),
  ].map((message) => ({ field: 'subject', message }));
}

function altNameProblems(rules: NameRules, { subject, subjectAltNames }: EndEntityNames): FieldProblem[] {
  const types: readonly string[] = rules.subjectAltNameTypes;
  const missing = rules.requiredSubjectAltNames.filter((type) => !subjectAltNames.some((name) => name.type === type));
  const fixed = rules.fixedAltNames.map((field) => altNameOf(field, subject)).filter(isName);
  const absent = fixed.filter((name) => !subjectAltNames.some(isSame(name)));
  const fixedTypes = new Set(rules.fixedAltNames.map(({ type }): string => type));
  const problemOf = (name: AltName): (Omit<FieldProblem, 'field'> & { readonly of: keyof AltName }) | undefined => {
    const { type, value } = name;
    if (!types.includes(type)) return { of: 'type', message: 'the end entity profile does not allow this type' };
    if (fixedTypes.has(type) && !fixed.some(isSame(name)))
      return { of: 'value', message: `the end entity profile fixes ${type} to another value` };
    if (rules.altNamePatterns.get(type)?.every((pattern) => !pattern.fits(value)) === true)
      return { of: 'value', message: 'the end entity profile does not allow this value' };
    return undefined;
  };
  return [
    ...missing.map((type) => ({
      field: 'subjectAltNames',
      message: `the end entity profile requires a name of type ${type}`,
    })),
    ...[...new Set(absent.map(({ type }) => type))].map((type) => ({
      field: 'subjectAltNames',
      message: `the end entity profile fixes names of type ${type} that are missing`,
    })),
    ...subjectAltNames.flatMap((name, index) => {
      const problem = problemOf(name);
      return problem === undefined
        ? []
        : [{ field: `subjectAltNames[${index}].${problem.of}`, message: problem.message }];
    }),
  ];
}

const isSame =
  (one: AltName) =>
  (other: AltName): boolean =>
    one.type === other.type && foldedAltName(one) === foldedAltName(other);

const isName = (name: SubjectAltName | string | undefined): name is SubjectAltName => typeof name === 'object';
