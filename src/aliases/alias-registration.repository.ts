import type { EntityManager } from 'typeorm';
import { namedAuthorities } from '../authorities/authority-reference';
import { type FieldProblem, invalidInput } from '../common/checked-input';
import { CertificateProfileEntity } from '../profiles/certificate-profile.entity';
import { EndEntityProfileEntity } from '../profiles/end-entity-profile.entity';
import type { AliasSettings } from './alias';
import { AliasRegistrationEntity } from './alias-registration.entity';
import type { AliasRegistration, RaSettings } from './ra-settings';

/** The fields of `ra` that refer to what has a name of its own: they are kept by id. */
type NamedFields = Pick<RaSettings, 'authority' | 'certificateProfile' | 'endEntityProfile'>;

/** By what an alias registers, as it is stored; what was not given is null. */
export type StoredRegistration = AliasRegistrationEntity;

/** What these aliases register by, by the alias's id. */
export async function registrationsOf(
  manager: EntityManager,
  aliasIds: readonly number[],
): Promise<ReadonlyMap<number, StoredRegistration>> {
  if (aliasIds.length === 0) return new Map();
  const rows = await manager
    .getRepository(AliasRegistrationEntity)
    .createQueryBuilder('registration')
    .leftJoinAndSelect('registration.authority', 'authority')
    .leftJoinAndSelect('registration.certificateProfile', 'certificateProfile')
    .leftJoinAndSelect('registration.endEntityProfile', 'endEntityProfile')
    .where('registration.alias_id in (:...aliasIds)', { aliasIds })
    .getMany();
  return new Map(rows.map((row) => [row.aliasId, row]));
}

/** Settings as they are stored, with the names of what is kept by id. */
export function withRegistration(
  settings: Readonly<Record<string, unknown>>,
  stored: StoredRegistration | undefined,
): Record<string, unknown> {
  if (stored === undefined) return { ...settings };
  const { authority, certificateProfile, endEntityProfile } = stored;
  const named = {
    ...(authority && { authority: authority.name }),
    ...(certificateProfile && { certificateProfile: certificateProfile.name }),
    ...(endEntityProfile && { endEntityProfile: endEntityProfile.name }),
  };
  return { ...settings, ra: { ...(settings['ra'] as object | undefined), ...named } };
}

/** Settings as they were given, without the names of what is kept by id. */
export function withoutRegistration(given: Readonly<Record<string, unknown>>): Record<string, unknown> {
  if (given['ra'] === undefined) return { ...given };
  const names: readonly (keyof NamedFields)[] = ['authority', 'certificateProfile', 'endEntityProfile'];
  const others = Object.entries(given['ra'] as object).filter(
    ([field]) => !(names as readonly string[]).includes(field),
  );
  return { ...given, ra: Object.fromEntries(others) };
}

/**
 * Stores by what an alias registers. In RA mode the profiles that were not given are the defaults, which exist.
 *
 * @param given what was given of `ra`
 * @throws ServiceError `invalid-input` naming each that does not exist
 */
export async function setRegistration(
  manager: EntityManager,
  aliasId: number,
  { operationalMode, ra }: Pick<AliasSettings, 'operationalMode' | 'ra'>,
  given: Partial<NamedFields>,
): Promise<void> {
  const wanted = operationalMode === 'RA' ? ra : given;
  const [authority] = ra.authority === '' ? [] : await namedAuthorities(manager, [ra.authority], 'ra.authority');
  const problems: FieldProblem[] = [];
  const idOf = async (
    entity: typeof CertificateProfileEntity | typeof EndEntityProfileEntity,
    field: 'certificateProfile' | 'endEntityProfile',
  ): Promise<number | null> => {
    const name = wanted[field];
    if (name === undefined) return null;
    const row = await manager.getRepository<{ id: number; name: string }>(entity).findOneBy({ name });
    if (row === null) problems.push({ field: `ra.${field}`, message: 'there is no such profile' });
    return row?.id ?? null;
  };
  const certificateProfileId = await idOf(CertificateProfileEntity, 'certificateProfile');
  const endEntityProfileId = await idOf(EndEntityProfileEntity, 'endEntityProfile');
  if (problems.length > 0) throw invalidInput(problems);
  const authorityId = authority?.id ?? null;
  await manager.delete(AliasRegistrationEntity, { aliasId });
  if ([authorityId, certificateProfileId, endEntityProfileId].every((id) => id === null)) return;
  await manager.insert(AliasRegistrationEntity, { aliasId, authorityId, certificateProfileId, endEntityProfileId });
}

/** What the device path has to know of it; undefined in CA mode. */
export function registrationFor(
  { operationalMode }: Pick<AliasSettings, 'operationalMode'>,
  stored: StoredRegistration | undefined,
): AliasRegistration | undefined {
  if (operationalMode !== 'RA' || stored?.certificateProfileId == null || stored.endEntityProfileId == null)
    return undefined;
  const { authorityId, certificateProfileId, endEntityProfileId } = stored;
  return Object.freeze({ authorityId: authorityId ?? undefined, certificateProfileId, endEntityProfileId });
}
