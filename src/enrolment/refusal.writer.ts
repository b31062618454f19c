import { Injectable } from '@nestjs/common';

import type { Alias } from '../aliases/alias';
import { DevicePool } from '../database/pg-pool';
import { type RequestRecord, requestRow } from '../requests/request-record';
import type { FailedAttempt } from './enrolment-request';

/** How many sources' worth of failed attempts lock the end entity for all of them. */
const SOURCES_BEFORE_END_ENTITY = 10;

/**
 * Record and counters of a refusal in one statement, which is run for every refusal alike: an unknown user costs what a
 * wrong challengePassword costs. A source that failed too often is locked out of this end entity; only many sources
 * together lock the end entity itself, for user names can be guessed and nobody shall lock out others by that.
 */
const REFUSE = `
with logged as (
  insert into requests select r.* from jsonb_populate_record(null::requests, $1::jsonb) r
), counted as (
  insert into failed_attempts as f (end_entity_id, source, failures, last_failure_at, locked_until)
  select e.id, $3, 1, $4::timestamptz, case when $5::integer <= 1 then $6::timestamptz end
  from end_entities e where e.id = $2::bigint
  on conflict (end_entity_id, source) do update set
    failures = case when f.locked_until <= $4 then 1 else f.failures + 1 end,
    locked_until = case when case when f.locked_until <= $4 then 1 else f.failures + 1 end >= $5 then $6::timestamptz end,
    last_failure_at = $4
)
update end_entities set
  failed_attempts = case when locked_until <= $4 then 1 else failed_attempts + 1 end,
  locked_until = case when case when locked_until <= $4 then 1 else failed_attempts + 1 end
    >= $5 * ${SOURCES_BEFORE_END_ENTITY} then $6::timestamptz end
where id = $2::bigint`;

/** Writes what {@link REFUSE} describes. */
@Injectable()
export class RefusalWriter {
  constructor(private readonly pool: DevicePool) {}

  /**
   * @param attempt the guess to count, if it was one
   */
  async write(record: RequestRecord, alias: Alias, now: Date, attempt: FailedAttempt | undefined): Promise<void> {
    const { failedAttempts, lockoutFor } = alias.limits;
    await this.pool.query({
      name: 'enrolment-refuse',
      text: REFUSE,
      values: [
        JSON.stringify(requestRow(record)),
        attempt?.endEntityId ?? null,
        attempt?.source ?? '',
        now,
        failedAttempts,
        new Date(now.getTime() + lockoutFor * 1000),
      ],
    });
  }
}
