import type { EntityManager, EntityTarget } from 'typeorm';
import { authorityOrDefault } from '../authorities/authority-reference';
import { invalidInput, readStored, type FieldProblem } from '../common/checked-input';
import { DerError } from '../pki/der/der-error';
import { DistinguishedName } from '../pki/x509/distinguished-name';
import { Oid } from '../pki/x509/oid';
import { CertificateProfileEntity } from '../profiles/certificate-profile.entity';
import { choiceProblems, profiledNames } from '../profiles/end-entity-content';
import { END_ENTITY_PROFILE_LINKS, EndEntityProfileEntity } from '../profiles/end-entity-profile.entity';
import { checkedEndEntityProfile } from '../profiles/end-entity-profile.input';
import { DEFAULT_CERTIFICATE_PROFILE, DEFAULT_END_ENTITY_PROFILE } from '../profiles/profile-name';
import { linkedFields } from '../profiles/profile-link';
import type { ProfileEntity } from '../profiles/profile.entity';
import type { EndEntityEntity } from './end-entity.entity';
import type { GivenContent } from './end-entity.input';
import { checkedSubjectAltName, type SubjectAltName } from '../profiles/subject-alt-name';

/** What can be said of an end entity, as columns. */
export type EndEntityContent = Pick<
  EndEntityEntity,
  'subject' | 'subjectAltNames' | 'authorityId' | 'certificateProfileId' | 'endEntityProfileId' | 'allowedRequests'
>;

/**
 * Turns what was given into columns: defaults filled in, names resolved, the whole held against the end entity profile.
 *
 * @throws ServiceError `invalid-input`
 */
export async function resolveContent(
  manager: EntityManager,
  username: string,
  given: GivenContent,
): Promise<EndEntityContent> {
  const endEntityProfile = await profile(
    manager,
    EndEntityProfileEntity,
    'endEntityProfile',
    given.endEntityProfile ?? DEFAULT_END_ENTITY_PROFILE,
  );
  const linked = await linkedFields(manager, END_ENTITY_PROFILE_LINKS, [endEntityProfile.id]);
  const rules = readStored(`the end entity profile ${endEntityProfile.name}`, () =>
    checkedEndEntityProfile({ ...endEntityProfile.settings, ...linked.get(endEntityProfile.id) }),
  );
  const authority = await authorityOrDefault(manager, given.authority ?? rules.authorities[0], 'authority');
  const certificateProfile = await profile(
    manager,
    CertificateProfileEntity,
    'certificateProfile',
    given.certificateProfile ?? rules.certificateProfiles[0] ?? DEFAULT_CERTIFICATE_PROFILE,
  );
  const asked = {
    subject: subjectOf(username, given.subject ?? undefined),
    subjectAltNames: subjectAltNamesOf(given.subjectAltNames ?? []),
  };
  const { subject, subjectAltNames, problems: nameProblems } = profiledNames(rules, asked);
  const allowedRequests = given.allowedRequests ?? rules.defaultAllowedRequests;
  const choice = { authority: authority.name, certificateProfile: certificateProfile.name, allowedRequests };
  const problems = [...nameProblems, ...choiceProblems(rules, choice)];
  if (subject.isEmpty && subjectAltNames.length === 0)
    problems.push({ field: 'subject', message: 'must not be empty where there are no subjectAltNames' });
  if (problems.length > 0) throw invalidInput(problems);
  return {
    subject: subject.toString(),
    subjectAltNames: [...subjectAltNames],
    authorityId: authority.id,
    certificateProfileId: certificateProfile.id,
    endEntityProfileId: endEntityProfile.id,
    allowedRequests,
  };
}

function subjectOf(username: string, text: string | undefined): DistinguishedName {
  try {
    // Not joined into text: the user name may hold what would have to be escaped.
    return text === undefined
      ? DistinguishedName.of([[{ oid: Oid.commonName, value: username }]])
      : DistinguishedName.parse(text);
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    throw invalidInput([
      { field: 'subject', message: `must be a name such as CN=Router 1,O=Example,C=SE: ${error.message}` },
    ]);
  }
}

function subjectAltNamesOf(given: readonly SubjectAltName[]): SubjectAltName[] {
  const problems: FieldProblem[] = [];
  const names = given.flatMap((name, index) => {
    const checked = checkedSubjectAltName(name);
    if (typeof checked !== 'string') return [checked];
    problems.push({ field: `subjectAltNames[${index}].value`, message: checked });
    return [];
  });
  if (problems.length > 0) throw invalidInput(problems);
  return names;
}

async function profile(
  manager: EntityManager,
  entity: EntityTarget<ProfileEntity>,
  field: string,
  name: string,
): Promise<ProfileEntity> {
  const row = await manager.getRepository(entity).findOneBy({ name });
  if (row === null)
    throw invalidInput([{ field, message: 'there is no such profile: create it, or name another one' }]);
  return row;
}
