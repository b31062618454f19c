import type { DataSource, EntityManager } from 'typeorm';
import { ServiceError } from '../common/service-error';
import { withCustomPlans } from '../database/custom-plan';
import { statusName, type EndEntityStatusName } from './end-entity-status';
import { EndEntityEntity } from './end-entity.entity';
import { FailedAttemptEntity } from './failed-attempt.entity';
import type { SubjectAltName } from '../profiles/subject-alt-name';

/** Failed attempts of one source. */
export interface SourceFailures {
  /** Address of the client. */
  readonly source: string;
  readonly failures: number;
  readonly lastFailureAt: Date;
  /** Until when this source is refused; null: it is not. */
  readonly lockedUntil: Date | null;
}

/** An end entity as administrators see it: nothing of its enrolment code. */
export interface EndEntityDetails {
  /** A bigint as text. */
  readonly id: string;
  readonly username: string;
  readonly status: EndEntityStatusName;
  readonly subject: string;
  readonly subjectAltNames: readonly SubjectAltName[];
  /** Names. */
  readonly authority: string;
  readonly certificateProfile: string;
  readonly endEntityProfile: string;
  /** Name of the alias that has registered it in RA mode; null: an administrator has, or an alias that is gone. */
  readonly registeredBy: string | null;
  readonly allowedRequests: number;
  readonly remainingRequests: number;
  readonly failedAttempts: number;
  /** Until when everyone is refused; null: nobody is by this. */
  readonly lockedUntil: Date | null;
  /** The last ones, newest first. */
  readonly failedSources: readonly SourceFailures[];
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** Which end entities are asked for; what is absent does not restrict. */
export interface EndEntityFilter {
  /** Number of the status. */
  readonly status?: number;
  /** Name of the authority. */
  readonly authority?: string;
  /** What the user name begins with. */
  readonly username?: string;
}

/** At most `limit` end entities in the order of their registration, those behind the id `after` where it is given. */
export async function listEndEntities(
  dataSource: DataSource,
  filter: EndEntityFilter,
  limit: number,
  now: Date,
  after?: string,
): Promise<EndEntityDetails[]> {
  const query = withNames(dataSource.manager);
  if (filter.status !== undefined) query.andWhere('entity.status = :status', { status: filter.status });
  if (filter.authority !== undefined) query.andWhere('authority.name = :authority', { authority: filter.authority });
  if (filter.username !== undefined)
    query.andWhere('starts_with(entity.username, :username)', { username: filter.username });
  if (after !== undefined) query.andWhere('entity.id > :after', { after });
  query.orderBy('entity.id', 'ASC').limit(limit);
  const rows = await withCustomPlans(dataSource, (runner) => query.setQueryRunner(runner).getMany());
  return withFailures(dataSource.manager, rows, now);
}

/** The end entity of that name; throws ServiceError `not-found`. */
export async function endEntityDetails(manager: EntityManager, username: string, now: Date): Promise<EndEntityDetails> {
  const row = await withNames(manager).where('entity.username = :username', { username }).getOne();
  const [details] = await withFailures(manager, row === null ? [] : [row], now);
  if (details === undefined) throw noSuchEndEntity();
  return details;
}

/** The error for a user name that nobody has. */
export function noSuchEndEntity(): ServiceError {
  return new ServiceError('not-found', 'there is no end entity of that user name');
}

function withNames(manager: EntityManager): ReturnType<typeof query> {
  return query(manager);
}

const query = (manager: EntityManager) =>
  manager
    .getRepository(EndEntityEntity)
    .createQueryBuilder('entity')
    .innerJoinAndSelect('entity.authority', 'authority')
    .innerJoinAndSelect('entity.certificateProfile', 'certificateProfile')
    .innerJoinAndSelect('entity.endEntityProfile', 'endEntityProfile');

/** So many are shown of an end entity: whoever has a network can guess from any number of addresses. */
const MAX_SOURCES = 20;

const LAST_SOURCES = `array(select f.source from failed_attempts f where f.end_entity_id = failure.end_entity_id
  order by f.last_failure_at desc, f.source limit :most)`;

async function withFailures(
  manager: EntityManager,
  rows: readonly EndEntityEntity[],
  now: Date,
): Promise<EndEntityDetails[]> {
  if (rows.length === 0) return [];
  const failures = await manager
    .getRepository(FailedAttemptEntity)
    .createQueryBuilder('failure')
    .where('failure.end_entity_id in (:...ids)', { ids: rows.map(({ id }) => id) })
    .andWhere(`failure.source = any(${LAST_SOURCES})`, { most: MAX_SOURCES })
    .orderBy('failure.last_failure_at', 'DESC')
    .getMany();
  const aliases = await aliasNames(manager, rows);
  return rows.map((row) =>
    details(
      row,
      aliases.get(row.registeringAliasId ?? NaN) ?? null,
      failures.filter(({ endEntityId }) => endEntityId === row.id),
      now,
    ),
  );
}

/** By SQL: the aliases are a room further down, which this one knows nothing of. */
async function aliasNames(
  manager: EntityManager,
  rows: readonly EndEntityEntity[],
): Promise<ReadonlyMap<number, string>> {
  const ids = new Set(rows.flatMap(({ registeringAliasId: id }) => (id === null ? [] : [id])));
  if (ids.size === 0) return new Map();
  const named = await manager.query<{ id: number; name: string }[]>(
    'select id, name from aliases where id = any($1::integer[])',
    [[...ids]],
  );
  return new Map(named.map(({ id, name }) => [id, name]));
}

function details(
  row: EndEntityEntity,
  registeredBy: string | null,
  failures: readonly FailedAttemptEntity[],
  now: Date,
): EndEntityDetails {
  // What is over is not shown: it no longer refuses anybody.
  const current = (until: Date | null): Date | null => (until !== null && until > now ? until : null);
  return {
    id: row.id,
    username: row.username,
    status: statusName(row.status),
    subject: row.subject,
    subjectAltNames: row.subjectAltNames,
    authority: row.authority.name,
    certificateProfile: row.certificateProfile.name,
    endEntityProfile: row.endEntityProfile.name,
    registeredBy,
    allowedRequests: row.allowedRequests,
    remainingRequests: row.remainingRequests,
    failedAttempts: row.failedAttempts,
    lockedUntil: current(row.lockedUntil),
    failedSources: failures.map(({ source, failures: count, lastFailureAt, lockedUntil }) => ({
      source,
      failures: count,
      lastFailureAt,
      lockedUntil: current(lockedUntil),
    })),
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
  };
}
