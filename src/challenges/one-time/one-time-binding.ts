import type { EntityManager } from 'typeorm';
import { invalidInput, type FieldProblem } from '../../common/checked-input';
import { checkedSubjectAltName, type SubjectAltName } from '../../profiles/subject-alt-name';
import { DerError } from '../../pki/der/der-error';
import { DistinguishedName } from '../../pki/x509/distinguished-name';
import { CertificateProfileEntity } from '../../profiles/certificate-profile.entity';
import type { OneTimeChallengeEntity } from './one-time-challenge.entity';

/** What a one-time challenge is good for; what is absent or null does not restrict it. */
export interface OneTimeBinding {
  /** The only subject that may be asked for, as text such as `CN=router-1,O=Example`; compared as a name. */
  readonly subject?: string | null;
  /** All subjectAltNames that are asked for, in any order. Absent beside a subject: none may be. */
  readonly subjectAltNames?: readonly SubjectAltName[] | null;
  /** Name of the certificate profile that the certificate is issued by. */
  readonly certificateProfile?: string | null;
  /** In CA mode the end entity that may enrol; in RA mode what the one that comes into being is called. */
  readonly username?: string | null;
}

/** {@link OneTimeBinding} as columns. */
export type BindingColumns = Pick<
  OneTimeChallengeEntity,
  'subject' | 'subjectAltNames' | 'certificateProfileId' | 'username'
>;

/**
 * Turns what was given into columns: names checked and written in their one form.
 *
 * A challenge that is bound to a subject is bound to subjectAltNames too, to none unless they are given: else whoever holds
 * it could have any name certified beside the subject (VU#971035).
 *
 * @throws ServiceError `invalid-input`, its fields below `binding`
 */
export async function bindingColumns(manager: EntityManager, binding: OneTimeBinding): Promise<BindingColumns> {
  const problems: FieldProblem[] = [];
  const subject = subjectOf(binding.subject ?? null, problems);
  const given = binding.subjectAltNames ?? (subject === null ? null : []);
  const subjectAltNames = given && altNamesOf(given, problems);
  const certificateProfileId = await profileOf(manager, binding.certificateProfile ?? null, problems);
  if (problems.length > 0) throw invalidInput(problems);
  return { subject, subjectAltNames, certificateProfileId, username: binding.username ?? null };
}

function subjectOf(text: string | null, problems: FieldProblem[]): string | null {
  if (text === null) return null;
  try {
    const name = DistinguishedName.parse(text);
    if (!name.isEmpty) return name.toString();
    problems.push({ field: 'binding.subject', message: 'must not be empty: leave it out to allow any subject' });
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    const message = `must be a name such as CN=Router 1,O=Example,C=SE: ${error.message}`;
    problems.push({ field: 'binding.subject', message });
  }
  return null;
}

function altNamesOf(given: readonly SubjectAltName[], problems: FieldProblem[]): SubjectAltName[] {
  return given.flatMap((name, index) => {
    const checked = checkedSubjectAltName(name);
    if (typeof checked !== 'string') return [checked];
    problems.push({ field: `binding.subjectAltNames[${index}].value`, message: checked });
    return [];
  });
}

async function profileOf(
  manager: EntityManager,
  name: string | null,
  problems: FieldProblem[],
): Promise<number | null> {
  if (name === null) return null;
  const row = await manager.getRepository(CertificateProfileEntity).findOneBy({ name });
  if (row === null)
    problems.push({
      field: 'binding.certificateProfile',
      message: 'there is no such profile: create it, or name another one',
    });
  return row?.id ?? null;
}
