import { Injectable } from '@nestjs/common';

import type { Alias } from '../aliases/alias';
import { statement } from '../database/named-parameters';
import { DevicePool } from '../database/pg-pool';
import { NOTE_REFUSAL, notification } from '../notifications/outbox-statement';
import { ProfileCatalogue } from '../profiles/profile-catalogue';
import { type RequestRecord, requestRow } from '../requests/request-record';
import type { FailedAttempt } from './enrolment-request';
import { MISUSE_ONE_TIME } from './one-time-use';

const NOTED_TYPES: readonly (string | undefined)[] = ['PKCSReq', 'RenewalReq'];

/** How many sources' worth of failed attempts at about the same time lock the end entity for all of them. */
const SOURCES_BEFORE_END_ENTITY = 10;

/** How many sources' worth of failures at an alias that are over are forgotten with each that is counted. */
const FORGOTTEN_AT_ONCE = 20;

/**
 * Record and counters of a refusal in one statement, which is run for every refusal alike: an unknown user costs the same
 * round trip as a wrong challengePassword. A source that failed too often is locked out of this end entity. Only many
 * sources together lock the end entity itself, for user names can be guessed and nobody shall lock out others by that: so
 * of each source no more counts than it needs to be locked out, and no longer than for the time of a lockout.
 *
 * Where the record is there already, since a certificate was issued and then not delivered, it tells of the refusal from
 * now on.
 *
 * The lock on the end entity comes first, as in every statement that changes both. What was judged before a lockout and
 * comes to be counted during it neither counts nor prolongs it.
 *
 * What no end entity can be blamed for counts against the alias (:countedAliasId), of each source by itself: nobody else is
 * ever locked out by it. Along with it some of what is over is forgotten, which takes no longer however much there is.
 */
const REFUSE = statement(
  'enrolment-refuse',
  `
with ${NOTE_REFUSAL}, logged as (
  insert into requests select r.* from jsonb_populate_record(null::requests, :record::jsonb) r
  on conflict (received_at, id) do update set outcome = excluded.outcome, fail_info = excluded.fail_info,
    error_code = excluded.error_code, rule = excluded.rule, explanation = excluded.explanation
), target as (
  select id from end_entities where id = :endEntityId::bigint for no key update
), forgotten as (
  delete from failed_attempts f using target where f.end_entity_id = target.id and f.source <> :source
    and f.last_failure_at <= :countedFrom::timestamptz and (f.locked_until is null or f.locked_until <= :now::timestamptz)
), counted as (
  insert into failed_attempts as f (end_entity_id, source, failures, last_failure_at, locked_until)
  select target.id, :source, 1, :now::timestamptz, case when :failedAttempts::integer <= 1 then :lockedUntil::timestamptz end from target
  on conflict (end_entity_id, source) do update set
    failures = case when f.locked_until <= :now or f.last_failure_at <= :countedFrom then 1 else f.failures + 1 end,
    locked_until = case when :failedAttempts <= case when f.locked_until <= :now or f.last_failure_at <= :countedFrom then 1 else f.failures + 1 end
      then :lockedUntil::timestamptz end,
    last_failure_at = :now
    where f.locked_until is null or f.locked_until <= :now
  returning least(failures, :failedAttempts) as failures
), ${MISUSE_ONE_TIME}, others as (
  select coalesce(sum(least(f.failures, :failedAttempts)), 0) as failures from target
  join failed_attempts f on f.end_entity_id = target.id and f.source <> :source and f.last_failure_at > :countedFrom
), over_at_alias as (
  select f.alias_id, f.source from alias_failed_attempts f
  where f.alias_id = :countedAliasId::integer and f.source <> :source and f.last_failure_at <= :countedFrom
    and (f.locked_until is null or f.locked_until <= :now)
  order by f.last_failure_at limit ${FORGOTTEN_AT_ONCE} for update skip locked
), forgotten_at_alias as (
  delete from alias_failed_attempts f using over_at_alias o where f.alias_id = o.alias_id and f.source = o.source
), counted_at_alias as (
  insert into alias_failed_attempts as f (alias_id, source, failures, last_failure_at, locked_until)
  select a.id, :source, 1, :now, case when :failedAttemptsPerSource::integer <= 1 then :lockedUntil end
  from aliases a where a.id = :countedAliasId
  on conflict (alias_id, source) do update set
    failures = case when f.locked_until <= :now or f.last_failure_at <= :countedFrom then 1 else f.failures + 1 end,
    locked_until = case when :failedAttemptsPerSource <= case when f.locked_until <= :now or f.last_failure_at <= :countedFrom then 1 else f.failures + 1 end
      then :lockedUntil end,
    last_failure_at = :now
    where f.locked_until is null or f.locked_until <= :now
)
update end_entities e set
  failed_attempts = case when e.locked_until <= :now then 1 else e.failed_attempts + 1 end,
  locked_until = case when counted.failures + others.failures >= :failedAttempts * ${SOURCES_BEFORE_END_ENTITY} then :lockedUntil::timestamptz
    when e.locked_until > :now then e.locked_until end
from counted, others where e.id = :endEntityId::bigint`,
);

/** Writes what {@link REFUSE} describes. */
@Injectable()
export class RefusalWriter {
  constructor(
    private readonly pool: DevicePool,
    private readonly profiles: ProfileCatalogue,
  ) {}

  /**
   * @param attempt the guess to count, if it was one
   * @param misusedChallenge id of the one-time challenge that was used for something else than it is bound to
   */
  async write(
    record: RequestRecord,
    alias: Alias,
    now: Date,
    attempt: FailedAttempt | undefined,
    misusedChallenge?: string,
  ): Promise<void> {
    const { failedAttemptsPerSource, lockoutFor } = alias.limits;
    const failedAttempts = (await this.limitOf(attempt)) || alias.limits.failedAttempts;
    await this.pool.query(
      REFUSE.with({
        record: JSON.stringify(requestRow(record)),
        endEntityId: attempt?.endEntityId ?? null,
        source: attempt?.source ?? '',
        now,
        countedAliasId: attempt !== undefined && attempt.endEntityId === undefined ? alias.id : null,
        aliasId: alias.id,
        notification: refusalNotification(alias, record),
        failedAttempts,
        misusedId: misusedChallenge ?? null,
        misuses: misusedChallenge === undefined ? null : alias.challenge.oneTime.failedAttempts,
        failedAttemptsPerSource,
        lockedUntil: new Date(now.getTime() + lockoutFor * 1000),
        countedFrom: new Date(now.getTime() - lockoutFor * 1000),
      }),
    );
  }

  /** The limit of the end entity's profile; 0 where it has none. */
  private async limitOf(attempt: FailedAttempt | undefined): Promise<number> {
    if (attempt?.endEntityProfileId === undefined) return 0;
    return (await this.profiles.get()).endEntityProfile(attempt.endEntityProfileId)?.failedAttempts ?? 0;
  }
}

/** Customers are told of refused enrolments and renewals, not of queries, nor of what failed and may be tried again. */
function refusalNotification({ notifications }: Alias, record: RequestRecord): string | null {
  if (record.outcome !== 'refused' || !NOTED_TYPES.includes(record.messageType)) return null;
  return notification(notifications, 'refused', () => {
    const row = requestRow(record);
    return {
      transactionID: row['transaction_id'],
      requestId: record.id,
      source: record.source,
      messageType: record.messageType,
      endEntity: row['username'],
      subject: row['subject'],
      rule: row['rule'],
      explanation: row['explanation'],
    };
  });
}
