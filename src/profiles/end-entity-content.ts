import type { FieldProblem } from '../common/checked-input';
import { attributeTypeByOid } from '../pki/x509/attribute-type';
import type { DistinguishedName } from '../pki/x509/distinguished-name';
import type { EndEntityProfile } from './end-entity-profile';

/** The part of a profile that limits names. */
export type ContentRules = Pick<EndEntityProfile, 'allowedSubjectOids' | 'requiredSubjectOids' | 'subjectAltNameTypes'>;

/**
 * What an end entity profile has against a subject and its alternative names; empty if nothing. The fields are named as
 * in the REST interface.
 */
export function contentProblems(
  profile: ContentRules,
  subject: DistinguishedName,
  subjectAltNames: readonly { readonly type: string }[],
): FieldProblem[] {
  const present = new Set(subject.rdns.flatMap((rdn) => rdn.map(({ oid }) => oid)));
  const { allowedSubjectOids: allowed } = profile;
  const unwanted = allowed === undefined ? [] : [...present].filter((oid) => !allowed.has(oid));
  const missing = [...profile.requiredSubjectOids].filter(([, oid]) => !present.has(oid)).map(([name]) => name);
  const types: readonly string[] = profile.subjectAltNameTypes;
  return [
    ...unwanted.map((oid) => ({
      field: 'subject',
      message: `the end entity profile does not allow ${attributeTypeByOid(oid)?.label ?? oid}`,
    })),
    ...missing.map((name) => ({ field: 'subject', message: `the end entity profile requires ${name}` })),
    ...subjectAltNames.flatMap(({ type }, index) =>
      types.includes(type)
        ? []
        : [{ field: `subjectAltNames[${index}].type`, message: 'the end entity profile does not allow this type' }],
    ),
  ];
}
