import type { EntityManager } from 'typeorm';
import { type FieldProblem, invalidInput } from '../common/checked-input';

/**
 * A field of a profile that names other things. They are kept as references in a table of their own, so that they follow
 * renames, and so that nothing is removed which a profile names.
 */
export interface ProfileLink {
  /** Of the profile's settings: a list of names. */
  readonly field: string;
  /** The table, its column for the profile and its column for what is named. Its `position` is the place in the list. */
  readonly table: string;
  readonly owner: string;
  readonly column: string;
  /** The table of what is named, with `id` and `name`. */
  readonly target: string;
  /** For people. */
  readonly noun: string;
}

/** The fields that links stand for, by the id of the profile; of a profile without any an empty object. */
export async function linkedFields(
  manager: EntityManager,
  links: readonly ProfileLink[],
  profileIds: readonly number[],
): Promise<ReadonlyMap<number, Readonly<Record<string, readonly string[]>>>> {
  const byProfile = new Map<number, Record<string, string[]>>(profileIds.map((id) => [id, {}]));
  if (profileIds.length === 0) return byProfile;
  for (const { field, table, owner, column, target } of links) {
    const rows = await manager.query<{ id: number; name: string }[]>(
      `select l.${owner} as id, t.name from ${table} l join ${target} t on t.id = l.${column}
       where l.${owner} = any($1::integer[]) order by l.${owner}, l.position`,
      [profileIds],
    );
    for (const { id, name } of rows) {
      const fields = byProfile.get(id);
      if (fields !== undefined) fields[field] = [...(fields[field] ?? []), name];
    }
  }
  return byProfile;
}

/**
 * Sets what a profile names.
 *
 * @param given settings, of which the fields of the links are looked at; an absent one is empty
 * @throws ServiceError `invalid-input` naming each name that nothing has
 */
export async function setLinkedFields(
  manager: EntityManager,
  links: readonly ProfileLink[],
  profileId: number,
  given: Readonly<Record<string, unknown>>,
): Promise<void> {
  const problems: FieldProblem[] = [];
  for (const { field, table, owner, column, target, noun } of links) {
    const names = (given[field] ?? []) as readonly string[];
    await manager.query(`delete from ${table} where ${owner} = $1`, [profileId]);
    const inserted = await manager.query<{ position: number }[]>(
      `insert into ${table} (${owner}, position, ${column})
       select $1::integer, named.position - 1, t.id
       from unnest($2::text[]) with ordinality as named (name, position) join ${target} t on t.name = named.name
       returning position`,
      [profileId, names],
    );
    const found = new Set(inserted.map(({ position }) => position));
    names.forEach((_, index) => {
      if (!found.has(index)) problems.push({ field: `${field}[${index}]`, message: `there is no such ${noun}` });
    });
  }
  if (problems.length > 0) throw invalidInput(problems);
}

/** The settings without the fields of the links: what is stored in the profile's own row. */
export const withoutLinkedFields = (links: readonly ProfileLink[], given: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(given).filter(([field]) => !links.some((link) => link.field === field)));
