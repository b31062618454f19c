import type { EntityManager } from 'typeorm';
import { type FieldProblem, invalidInput } from '../common/checked-input';
import { CertificateProfileEntity } from '../profiles/certificate-profile.entity';
import { parseTemplateMapping, type TemplateMapping } from './alias-template';
import { AliasTemplateEntity } from './alias.entity';

/** A mapping as it is stored. */
export interface StoredTemplate extends TemplateMapping {
  readonly certificateProfileId: number;
}

/** The template mappings of these aliases, by the alias's id, each list in its order. */
export async function templatesOf(
  manager: EntityManager,
  aliasIds: readonly number[],
): Promise<ReadonlyMap<number, readonly StoredTemplate[]>> {
  const byAlias = new Map<number, StoredTemplate[]>(aliasIds.map((id) => [id, []]));
  if (aliasIds.length === 0) return byAlias;
  const rows = await manager
    .getRepository(AliasTemplateEntity)
    .createQueryBuilder('mapping')
    .innerJoinAndSelect('mapping.certificateProfile', 'profile')
    .where('mapping.alias_id in (:...aliasIds)', { aliasIds })
    .orderBy('mapping.alias_id')
    .addOrderBy('mapping.position')
    .getMany();
  for (const { aliasId, template, certificateProfile, certificateProfileId } of rows)
    byAlias.get(aliasId)?.push({ template, certificateProfile: certificateProfile.name, certificateProfileId });
  return byAlias;
}

/**
 * Sets the template mappings of an alias.
 *
 * @param texts that {@link parseTemplateMapping} can read, no template twice
 * @throws ServiceError `invalid-input` naming each certificate profile that does not exist
 */
export async function setTemplates(manager: EntityManager, aliasId: number, texts: readonly string[]): Promise<void> {
  await manager.delete(AliasTemplateEntity, { aliasId });
  if (texts.length === 0) return;
  const profiles = await manager.find(CertificateProfileEntity, { select: { id: true, name: true } });
  const idByName = new Map(profiles.map(({ id, name }) => [name, id]));
  const problems: FieldProblem[] = [];
  const rows = texts.flatMap((text, position) => {
    const mapping = parseTemplateMapping(text);
    const certificateProfileId = mapping && idByName.get(mapping.certificateProfile);
    if (mapping !== undefined && certificateProfileId !== undefined)
      return [{ aliasId, template: mapping.template, position, certificateProfileId }];
    problems.push({ field: `templates[${position}]`, message: 'there is no such certificate profile' });
    return [];
  });
  if (problems.length > 0) throw invalidInput(problems);
  await manager.insert(AliasTemplateEntity, rows);
}
