import type { EntityManager } from 'typeorm';
import { invalidInput } from '../common/checked-input';
import { AuthorityEntity } from './authority.entity';

/** Name of the authority that the first start makes, as EJBCA's installation does. */
export const MANAGEMENT_CA = 'ManagementCA';

/** By which other rooms refer to an authority. */
export interface AuthorityReference {
  readonly id: number;
  readonly name: string;
}

/**
 * The authorities of these names, in the order of the names.
 *
 * @param field the list's name in the input, for errors
 * @throws ServiceError `invalid-input` naming each that does not exist
 */
export async function namedAuthorities(
  manager: EntityManager,
  names: readonly string[],
  field: string,
): Promise<AuthorityReference[]> {
  const known = await allAuthorities(manager);
  const missing = names.flatMap((name, index) => (known.some((one) => one.name === name) ? [] : [index]));
  if (missing.length > 0)
    throw invalidInput(
      missing.map((index) => ({ field: `${field}[${index}]`, message: 'there is no such authority' })),
    );
  return names.flatMap((name) => known.filter((one) => one.name === name));
}

/**
 * The authority of that name, or the default where none is named: the only one there is, else ManagementCA.
 *
 * @param field the name's field in the input, for errors
 * @throws ServiceError `invalid-input` if it does not exist, or if one has to be named
 */
export async function authorityOrDefault(
  manager: EntityManager,
  name: string | undefined,
  field: string,
): Promise<AuthorityReference> {
  const known = await allAuthorities(manager);
  const [only, ...others] = known;
  const found =
    name === undefined && others.length === 0 ? only : known.find((one) => one.name === (name ?? MANAGEMENT_CA));
  if (found !== undefined) return found;
  if (name !== undefined) throw invalidInput([{ field, message: 'there is no such authority' }]);
  const message =
    only === undefined
      ? 'there is no authority yet: create one first'
      : `there are several authorities, none of them ${MANAGEMENT_CA}: name one`;
  throw invalidInput([{ field, message }]);
}

async function allAuthorities(manager: EntityManager): Promise<AuthorityReference[]> {
  return manager.find(AuthorityEntity, { select: { id: true, name: true }, order: { id: 'ASC' } });
}
