import type { OneTimeFacts } from '../challenges/one-time/one-time-facts';
import type { OneTimeState } from '../challenges/one-time/one-time-challenge.entity';
import type { SubjectAltName } from '../profiles/subject-alt-name';

/** Columns of the one-time challenge that a request holds, for the reading statement. */
export const ONE_TIME_COLUMNS = `o.id as one_time_id, o.state as one_time_state, o.expires_at as one_time_expires_at,
  o.closed_at as one_time_closed_at, o.used_by as one_time_used_by, o.subject as one_time_subject,
  o.subject_alt_names as one_time_alt_names, bound.name as one_time_profile,
  o.username as one_time_username`;

/** Finds it by what the device has sent. Without a parameter, as for all other kinds, the index is asked and finds nothing. */
export const ONE_TIME_JOIN = `left join one_time_challenges o on o.verifier = :oneTimeVerifier::bytea
left join certificate_profiles bound on bound.id = o.certificate_profile_id`;

/** What {@link ONE_TIME_COLUMNS} bring. */
export interface OneTimeRow {
  one_time_id: string | null;
  one_time_state: OneTimeState;
  one_time_expires_at: Date;
  one_time_closed_at: Date | null;
  one_time_used_by: string | null;
  one_time_subject: string | null;
  one_time_alt_names: SubjectAltName[] | null;
  one_time_profile: string | null;
  one_time_username: string | null;
}

/** The facts in a row. */
export function oneTimeOf(row: OneTimeRow): OneTimeFacts | undefined {
  if (row.one_time_id === null) return undefined;
  return {
    id: row.one_time_id,
    state: row.one_time_state,
    expiresAt: row.one_time_expires_at,
    closedAt: row.one_time_closed_at,
    usedBy: row.one_time_used_by,
    subject: row.one_time_subject,
    subjectAltNames: row.one_time_alt_names,
    certificateProfile: row.one_time_profile,
    username: row.one_time_username,
  };
}

/**
 * Uses the challenge up, in a statement that has a CTE `entered` and the parameters `:oneTimeId`, `:requestId` and `:now`.
 * It comes after the end entity, as wherever both are locked. Of many requests with one challenge each waits here for the
 * others, and finds it used once one of them is through.
 */
export const USE_ONE_TIME = `used_up as (
  update one_time_challenges set state = 'used', closed_at = :now, used_by = :requestId::uuid
  where id = :oneTimeId::uuid and state = 'outstanding' and expires_at > :now and exists (select from entered)
  returning id
)`;

/** Whether the whole statement has to be taken back, because the challenge is not to be had any more. */
export const ONE_TIME_IS_GONE = `(:oneTimeId::uuid is not null and (select count(*) from used_up) < (select count(*) from entered))`;

/**
 * Counts a use for something else than the challenge is bound to, in a statement with the parameters `:misusedId`,
 * `:misuses` (how many burn it) and `:now`.
 */
export const MISUSE_ONE_TIME = `misused as (
  update one_time_challenges set
    failed_attempts = failed_attempts + 1,
    state = case when failed_attempts + 1 >= :misuses::integer then 'burnt' else state end,
    closed_at = case when failed_attempts + 1 >= :misuses::integer then :now::timestamptz end
  where id = :misusedId::uuid and state = 'outstanding'
)`;
