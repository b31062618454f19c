import type { EntityManager } from 'typeorm';
import { authorityOrDefault, namedAuthorities, type AuthorityReference } from '../authorities/authority-reference';
import { AliasAuthorityEntity, AliasEntity } from './alias.entity';

/** The authorities of these aliases, by the alias's id, each list in its order. */
export async function authoritiesOf(
  manager: EntityManager,
  aliasIds: readonly number[],
): Promise<ReadonlyMap<number, AuthorityReference[]>> {
  const byAlias = new Map<number, AuthorityReference[]>(aliasIds.map((id) => [id, []]));
  if (aliasIds.length === 0) return byAlias;
  const rows = await manager
    .getRepository(AliasAuthorityEntity)
    .createQueryBuilder('link')
    .innerJoinAndSelect('link.authority', 'authority')
    .where('link.alias_id in (:...aliasIds)', { aliasIds })
    .orderBy('link.alias_id')
    .addOrderBy('link.position')
    .getMany();
  for (const { aliasId, authority } of rows) byAlias.get(aliasId)?.push({ id: authority.id, name: authority.name });
  return byAlias;
}

/**
 * Sets the authorities of an alias.
 *
 * @param names undefined: the default one
 * @throws ServiceError `invalid-input` if one does not exist, or if one has to be named
 */
export async function setAuthorities(
  manager: EntityManager,
  aliasId: number,
  names: readonly string[] | undefined,
): Promise<AuthorityReference[]> {
  const authorities =
    names === undefined
      ? [await authorityOrDefault(manager, undefined, 'authorities')]
      : await namedAuthorities(manager, names, 'authorities');
  await manager.delete(AliasAuthorityEntity, { aliasId });
  await manager.insert(
    AliasAuthorityEntity,
    authorities.map(({ id }, position) => ({ aliasId, position, authorityId: id })),
  );
  return authorities;
}

/** Whether another alias than this one answers on NDES's path. */
export async function otherAnswersNdesPath(manager: EntityManager, aliasId: number): Promise<boolean> {
  return manager
    .getRepository(AliasEntity)
    .createQueryBuilder('alias')
    .where(`alias.settings->>'answersNdesPath' = 'true' and alias.id <> :aliasId`, { aliasId })
    .getExists();
}
