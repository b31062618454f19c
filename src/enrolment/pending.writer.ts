import { Injectable } from '@nestjs/common';

import { approvalRow, type PendingRequest } from '../approvals/pending-request';
import type { AuditEntry } from '../audit/audit-log';
import { auditRow } from '../audit/audit-row';
import { constraintViolation } from '../database/constraint-violation';
import { DevicePool } from '../database/pg-pool';
import { ENROLLING_STATUSES, EndEntityStatus, RENEWING_STATUSES } from '../end-entities/end-entity-status';
import { type RequestRecord, requestRow } from '../requests/request-record';
import type { EnrolmentRequest } from './enrolment-request';
import type { Grant } from './issuance';
import { LATEST } from './latest-certificate';

/** As for an issue: a statement takes itself back, or the server ends it for the sake of another. */
const TAKEN_BACK: readonly unknown[] = ['SG001', '40P01'];

/** How many transactions may wait for one approval: nobody needs more, and anyone can think of any number. */
export const MAX_TRANSACTIONS = 20;

/** The ledger's entry of a request that waits, which takes the place of an answer that is no longer current and no other. */
const ENTER = (source: string, endEntity: string, epoch: string): string => `
  insert into scep_transactions (ledger_key, alias_id, transaction_id, public_key_hash, message_type, state,
    end_entity_id, end_entity_epoch, authority_id, approval_id, created_at, updated_at)
  select $3, $4, $5, $6, $7, 'pending', ${endEntity}, ${epoch}, $8, $1, $2, $2 from ${source}
  on conflict (ledger_key) do update set
    state = excluded.state, end_entity_id = excluded.end_entity_id, end_entity_epoch = excluded.end_entity_epoch,
    serial_number = null, approval_id = excluded.approval_id, updated_at = excluded.updated_at
    where scep_transactions.serial_number is not distinct from $9::bytea
      and scep_transactions.approval_id is not distinct from $10::uuid
  returning ledger_key`;

/**
 * Opens an approval, as one statement: the end entity has one request more that waits, approval, ledger entry, request
 * record and audit event appear, or none of it. What `claimed` checks is what the issue of a certificate checks, so that
 * nothing waits that could not have been issued; where the challenge is to be used up, it takes the allowed request.
 */
const OPEN = `
with renewed as (
  select from certificates where authority_id = $24::integer and serial_number = $23::bytea and revoked_at is null
  for share
), claimed as (
  update end_entities set
    remaining_requests = remaining_requests - case when $22::boolean then 1 else 0 end,
    open_approvals = open_approvals + 1,
    status = case when $23::bytea is null then $12::smallint else status end,
    failed_attempts = case when $22::boolean then 0 else failed_attempts end,
    locked_until = case when $22::boolean then null else locked_until end,
    updated_at = $2
  where id = $11 and status = any($13::smallint[]) and epoch = $14
    and case when $23::bytea is null then remaining_requests > 0
      else ${LATEST} = $23::bytea and exists (select from renewed) end
    and authority_id = $8 and certificate_profile_id = $15 and subject = $16 and subject_alt_names = $17::jsonb
    and enrolment_code_verifier is not distinct from $18::bytea
    and open_approvals < $25::integer
    and ($27::integer is null or failed_attempts = $27)
    and (select count(*) from (
      select from approvals where alias_id = $4 and state = 'waiting' limit $26::integer) w) < $26::integer
  returning id, epoch
), opened as (
  insert into approvals select a.* from claimed, jsonb_populate_record(null::approvals, $19::jsonb) a
), entered as (${ENTER('claimed', 'claimed.id', 'claimed.epoch')}
), forgiven as (
  delete from failed_attempts where end_entity_id = $11 and $22::boolean and exists (select from entered)
), logged as (
  insert into requests select r.* from entered, jsonb_populate_record(null::requests, $20::jsonb) r
), audited as (
  insert into audit_events select a.* from entered, jsonb_populate_record(null::audit_events, $21::jsonb) a
)
select (select count(*) from claimed)::int as written,
  (select count(*) from (select from approvals where alias_id = $4 and state = 'waiting' limit $26::integer) w)
    >= $26::integer as full,
  case when (select count(*) from claimed) > (select count(*) from entered) then abort_statement('answered meanwhile') end`;

/** Has one transaction more wait for an open approval. */
const JOIN = `
with joined as (
  update approvals set transactions = transactions + 1
  where id = $1 and state = 'waiting' and expires_at > $2 and transactions < ${MAX_TRANSACTIONS}
  returning end_entity_id, end_entity_epoch
), entered as (${ENTER('joined', 'joined.end_entity_id', 'joined.end_entity_epoch')}
), logged as (
  insert into requests select r.* from entered, jsonb_populate_record(null::requests, $11::jsonb) r
)
select (select count(*) from joined)::int as written,
  case when (select count(*) from joined) > (select count(*) from entered) then abort_statement('answered meanwhile') end`;

/** A request that is to wait for an approval. */
export interface Waiting {
  readonly request: EnrolmentRequest;
  readonly ledgerKey: Buffer;
  readonly grant: Grant;
  readonly now: Date;
  readonly record: RequestRecord;
}

/** A request that opens an approval. */
export interface Opening extends Waiting {
  readonly pending: PendingRequest;
  readonly audit: { readonly id: string; readonly entry: AuditEntry };
}

/**
 * What came of a write: `changed` means that something else was faster, `full` that too many requests wait already;
 * nothing was written with either.
 */
export type WaitingResult = 'written' | 'changed' | 'full';

/** Writes what {@link OPEN} and {@link JOIN} describe. Throws ServiceError `outcome-unknown` as the issue does. */
@Injectable()
export class PendingWriter {
  constructor(private readonly pool: DevicePool) {}

  /** Opens an approval for a request. */
  open(opening: Opening): Promise<WaitingResult> {
    const { pending, request, grant, now, record, audit } = opening;
    const { endEntity, renewal } = grant;
    const { openApprovalsPerEndEntity, openApprovals } = request.alias.limits;
    return this.write('approval-open', OPEN, [
      ...this.entry(opening, pending.id),
      endEntity.id,
      EndEntityStatus.INPROCESS,
      renewal === undefined ? ENROLLING_STATUSES : RENEWING_STATUSES,
      endEntity.epoch,
      endEntity.certificateProfileId,
      endEntity.subject,
      JSON.stringify(endEntity.subjectAltNames),
      endEntity.enrolmentCodeVerifier,
      JSON.stringify(approvalRow(pending)),
      JSON.stringify(requestRow(record)),
      JSON.stringify(auditRow(audit.id, now, audit.entry)),
      pending.reserved,
      pending.renews?.serialNumber ?? null,
      pending.renews?.authorityId ?? null,
      openApprovalsPerEndEntity,
      openApprovals,
      grant.judgedChallenge ? endEntity.failedAttempts : null,
    ]);
  }

  /** Has a request wait for an approval that an equal one has opened. */
  join(waiting: Waiting, approvalId: string): Promise<WaitingResult> {
    return this.write('approval-join', JOIN, [
      ...this.entry(waiting, approvalId),
      JSON.stringify(requestRow(waiting.record)),
    ]);
  }

  /** Parameters $1 to $10. */
  private entry({ request, ledgerKey, grant, now }: Waiting, approvalId: string): unknown[] {
    return [
      approvalId,
      now,
      ledgerKey,
      request.alias.id,
      request.transactionID,
      request.certificationRequest.publicKey.hash,
      request.messageType,
      request.authority.id,
      grant.replaces ?? null,
      grant.replacesApproval ?? null,
    ];
  }

  private async write(name: string, text: string, values: readonly unknown[]): Promise<WaitingResult> {
    try {
      const { rows } = await this.pool.query<{ written: number; full?: boolean }>({ name, text, values });
      if (rows[0]?.written === 1) return 'written';
      return rows[0]?.full === true ? 'full' : 'changed';
    } catch (error) {
      const sameContent = constraintViolation(error)?.constraint === 'approvals_waiting_content';
      if (sameContent || TAKEN_BACK.includes((error as { code?: unknown }).code)) return 'changed';
      throw error;
    }
  }
}
