import { Injectable } from '@nestjs/common';

import { approvalRow, type PendingRequest } from '../approvals/pending-request';
import type { AuditEntry } from '../audit/audit-log';
import { auditRow } from '../audit/audit-row';
import { constraintViolation } from '../database/constraint-violation';
import { statement } from '../database/named-parameters';
import { DevicePool, type NamedStatement } from '../database/pg-pool';
import { ENROLLING_STATUSES, EndEntityStatus, RENEWING_STATUSES } from '../end-entities/end-entity-status';
import { type RequestRecord, requestRow } from '../requests/request-record';
import { attemptSource } from './attempt-source';
import type { EnrolmentRequest } from './enrolment-request';
import type { Grant } from './issuance';
import { LATEST } from './latest-certificate';
import { ONE_TIME_IS_GONE, USE_ONE_TIME } from './one-time-use';
import { WAIT_BY_REGISTERING, WAIT_BY_REGISTERING_AGAIN } from './registering-claims';
import { contentValues, type RegisteredNames, unchanged } from './registration';
import { NO_MORE_SOURCE_FAILURES } from './source-failures';

/** As for an issue: a statement takes itself back, or the server ends it for the sake of another. */
const TAKEN_BACK: readonly unknown[] = ['SG001', '40P01'];

/** How many transactions may wait for one approval: nobody needs more, and anyone can think of any number. */
export const MAX_TRANSACTIONS = 20;

/** The ledger's entry of a request that waits, which takes the place of an answer that is no longer current and no other. */
const ENTER = (source: string, endEntity: string, epoch: string): string => `
  insert into scep_transactions (ledger_key, alias_id, transaction_id, public_key_hash, message_type, state,
    end_entity_id, end_entity_epoch, authority_id, approval_id, created_at, updated_at)
  select :ledgerKey, :aliasId, :transactionID, :publicKeyHash, :messageType, 'pending', ${endEntity}, ${epoch}, :authorityId, :approvalId, :now, :now from ${source}
  on conflict (ledger_key) do update set
    state = excluded.state, end_entity_id = excluded.end_entity_id, end_entity_epoch = excluded.end_entity_epoch,
    serial_number = null, approval_id = excluded.approval_id, updated_at = excluded.updated_at
    where scep_transactions.serial_number is not distinct from :replacedSerialNumber::bytea
      and scep_transactions.approval_id is not distinct from :replacedApproval::uuid
  returning ledger_key`;

/** SQL condition: not too many requests of the alias wait already. */
const ROOM = `(select count(*) from (
      select from approvals where alias_id = :aliasId and state = 'waiting' limit :openApprovals::integer) w) < :openApprovals::integer`;

const CLAIM = `renewed as (
  select from certificates where authority_id = :renewedAuthorityId::integer and serial_number = :renewedSerialNumber::bytea and revoked_at is null
  for share
), claimed as (
  update end_entities set
    remaining_requests = remaining_requests - case when :reserved::boolean then 1 else 0 end,
    open_approvals = open_approvals + 1,
    status = case when :renewedSerialNumber::bytea is null then :inProcess::smallint else status end,
    failed_attempts = case when :reserved::boolean then 0 else failed_attempts end,
    locked_until = case when :reserved::boolean then null else locked_until end,
    updated_at = :now
  where id = :endEntityId and status = any(:statuses::smallint[]) and epoch = :epoch
    and case when :renewedSerialNumber::bytea is null then remaining_requests > 0
      else ${LATEST} = :renewedSerialNumber::bytea and exists (select from renewed) end
    and authority_id + 0 = :authorityId and certificate_profile_id + 0 = :certificateProfileId and subject = :registeredSubject and subject_alt_names = :registeredAltNames::jsonb
    and enrolment_code_verifier is not distinct from :enrolmentCodeVerifier::bytea
    and open_approvals < :openApprovalsPerEndEntity::integer
    and (:judgedFailures::integer is null or failed_attempts = :judgedFailures)
    and ${NO_MORE_SOURCE_FAILURES}
    and ${ROOM}
  returning id, epoch
)`;

/**
 * Opens an approval, as one statement: the end entity has one request more that waits, approval, ledger entry, request
 * record and audit event appear, or none of it. What `claimed` checks is what the issue of a certificate checks, so that
 * nothing waits that could not have been issued; where the challenge is to be used up, it takes the allowed request.
 */
const openFor = (claim: string): string => `
with ${claim}, opened as (
  insert into approvals select a.* from claimed, jsonb_populate_record(null::approvals, :approval::jsonb) a
), entered as (${ENTER('claimed', 'claimed.id', 'claimed.epoch')}
), ${USE_ONE_TIME}, forgiven as (
  delete from failed_attempts where end_entity_id = :endEntityId and :reserved::boolean and exists (select from entered)
), logged as (
  insert into requests select r.* from entered, jsonb_populate_record(null::requests, :record::jsonb) r
), audited as (
  insert into audit_events select a.* from entered, jsonb_populate_record(null::audit_events, :audit::jsonb) a
)
select (select count(*) from claimed)::int as written,
  (select count(*) from (select from approvals where alias_id = :aliasId and state = 'waiting' limit :openApprovals::integer) w)
    >= :openApprovals::integer as full,
  case when (select count(*) from claimed) > (select count(*) from entered) or ${ONE_TIME_IS_GONE}
    then abort_statement('answered meanwhile') end`;

const OPEN = statement('approval-open', openFor(CLAIM));
const OPEN_REGISTERING = statement('approval-open-registering', openFor(WAIT_BY_REGISTERING(ROOM)));
const OPEN_REGISTERING_AGAIN = statement('approval-open-registering-again', openFor(WAIT_BY_REGISTERING_AGAIN(ROOM)));

/** Has one transaction more wait for an open approval. */
const JOIN = statement(
  'approval-join',
  `
with joined as (
  update approvals set transactions = transactions + 1
  where id = :approvalId and state = 'waiting' and expires_at > :now and transactions < ${MAX_TRANSACTIONS}
  returning end_entity_id, end_entity_epoch
), entered as (${ENTER('joined', 'joined.end_entity_id', 'joined.end_entity_epoch')}
), logged as (
  insert into requests select r.* from entered, jsonb_populate_record(null::requests, :record::jsonb) r
)
select (select count(*) from joined)::int as written,
  case when (select count(*) from joined) > (select count(*) from entered) then abort_statement('answered meanwhile') end`,
);

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
  /** Those of the certificate that it would be, for an end entity that is registered now. */
  readonly names: RegisteredNames;
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
    return this.write(statementFor(opening));
  }

  /** Has a request wait for an approval that an equal one has opened. */
  join(waiting: Waiting, approvalId: string): Promise<WaitingResult> {
    return this.write(
      JOIN.with({ ...entryOf(waiting, approvalId), record: JSON.stringify(requestRow(waiting.record)) }),
    );
  }

  private async write(asked: NamedStatement): Promise<WaitingResult> {
    try {
      const { rows } = await this.pool.query<{ written: number; full?: boolean }>(asked);
      if (rows[0]?.written === 1) return 'written';
      return rows[0]?.full === true ? 'full' : 'changed';
    } catch (error) {
      const sameContent = constraintViolation(error)?.constraint === 'approvals_waiting_content';
      if (sameContent || TAKEN_BACK.includes((error as { code?: unknown }).code)) return 'changed';
      throw error;
    }
  }
}

function statementFor(opening: Opening): NamedStatement {
  const { pending, grant, request } = opening;
  const { registration, endEntity } = grant;
  const { openApprovalsPerEndEntity } = request.alias.limits;
  if (registration === undefined) return OPEN.with({ ...openingValues(opening), ...claimValues(opening) });
  const values = { ...openingValues(opening), source: attemptSource(request.source) };
  if (registration.kind === 'again')
    return OPEN_REGISTERING_AGAIN.with({ ...values, ...unchanged(endEntity, registration), openApprovalsPerEndEntity });
  return OPEN_REGISTERING.with({
    ...values,
    ...contentValues(registration, opening.names),
    subject: opening.names.subject,
    username: pending.endEntity.username,
  });
}

/** Values of {@link CLAIM} beyond those of every approval that is opened. */
function claimValues({ pending, request, grant }: Opening): Readonly<Record<string, unknown>> {
  const { endEntity, renewal } = grant;
  return {
    source: attemptSource(request.source),
    inProcess: EndEntityStatus.INPROCESS,
    statuses: renewal === undefined ? ENROLLING_STATUSES : RENEWING_STATUSES,
    epoch: endEntity.epoch,
    certificateProfileId: endEntity.certificateProfileId,
    registeredSubject: endEntity.subject,
    registeredAltNames: JSON.stringify(endEntity.subjectAltNames),
    enrolmentCodeVerifier: endEntity.enrolmentCodeVerifier,
    renewedSerialNumber: pending.renews?.serialNumber ?? null,
    renewedAuthorityId: pending.renews?.authorityId ?? null,
    openApprovalsPerEndEntity: request.alias.limits.openApprovalsPerEndEntity,
    judgedFailures: grant.judgedChallenge ? endEntity.failedAttempts : null,
  };
}

function openingValues(opening: Opening): Readonly<Record<string, unknown>> {
  const { pending, request, grant, now, record, audit } = opening;
  return {
    ...entryOf(opening, pending.id),
    endEntityId: grant.endEntity.id,
    judgedSourceFailures: grant.judgedChallenge ? grant.sourceFailures : null,
    approval: JSON.stringify(approvalRow(pending)),
    record: JSON.stringify(requestRow(record)),
    audit: JSON.stringify(auditRow(audit.id, now, audit.entry)),
    reserved: pending.reserved,
    openApprovals: request.alias.limits.openApprovals,
    oneTimeId: grant.usesOneTime ?? null,
    requestId: request.id,
  };
}

/** Values of {@link ENTER}, and the time. */
const entryOf = ({ request, ledgerKey, grant, now }: Waiting, approvalId: string) => ({
  approvalId,
  now,
  ledgerKey,
  aliasId: request.alias.id,
  transactionID: request.transactionID,
  publicKeyHash: request.certificationRequest.publicKey.hash,
  messageType: request.messageType,
  authorityId: request.authority.id,
  replacedSerialNumber: grant.replaces ?? null,
  replacedApproval: grant.replacesApproval ?? null,
});
