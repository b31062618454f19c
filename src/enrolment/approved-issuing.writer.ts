import { Injectable } from '@nestjs/common';

import type { AuditEntry } from '../audit/audit-log';
import { auditRow } from '../audit/audit-row';
import { DevicePool } from '../database/pg-pool';
import { ENROLLING_STATUSES, EndEntityStatus, RENEWING_STATUSES } from '../end-entities/end-entity-status';
import { shadowStart } from './enrolment-request';
import type { Issue } from './issuing.writer';
import { inItsTurn, LATEST, latestIs } from './latest-certificate';

/** As for any other issue: the statement takes itself back, or the server ends it for the sake of another. */
const TAKEN_BACK: readonly unknown[] = ['SG001', '40P01'];

/**
 * What the issuing writer does for a request that is judged at once, this does for one that an officer approves: the
 * approval is decided, the end entity leaves INPROCESS, certificate and audit events appear, and all transactions that
 * wait for the approval have their answer, or none of it. Of an officer's yes, another's no and the end of its time,
 * whichever locks the approval first is the one that counts.
 *
 * An allowed request is taken here ($25) unless it was set aside when the request began to wait. What was set aside may
 * still be used where another request has led to GENERATED meanwhile.
 */
const ISSUE_APPROVED = `
with renewed as (
  select from certificates where authority_id = $22::integer and serial_number = $21::bytea and revoked_at is null
  for share
), decided as (
  update approvals set state = 'approved', decided_at = $3, decided_by = $24, serial_number = $11
  where id = $23 and state = 'waiting' and expires_at > $3
  returning id
), claimed as (
  update end_entities set
    remaining_requests = remaining_requests - $25::integer,
    open_approvals = open_approvals - 1,
    status = case when $21::bytea is not null or open_approvals > 1 then status
      when remaining_requests > $25::integer then ${EndEntityStatus.NEW} else $2::smallint end,
    ${latestIs('$11', '$12', '$28')},
    updated_at = $3
  where id = $1 and status = any($4::smallint[]) and epoch = $5 and exists (select from decided)
    and case when $21::bytea is null then remaining_requests >= $25::integer
      else ${LATEST} = $21::bytea and exists (select from renewed) end
    and ${inItsTurn('$12', '$28')}
    and authority_id = $6 and certificate_profile_id = $7 and subject = $8 and subject_alt_names = $9::jsonb
  returning id, epoch, username
), entered as (
  update scep_transactions t set state = 'issued', serial_number = $11, updated_at = $3
  from claimed where t.approval_id = $23
  returning t.ledger_key
), certified as (
  insert into certificates (serial_number, authority_id, generation_id, end_entity_id, username, alias, alias_id,
    certificate_profile, template, subject, certificate, public_key_hash, fingerprint, not_before, not_after,
    issued_at)
  select $11, $6, $12, claimed.id, claimed.username, $13, $26, $14, $27, $15, $16, $10, $17, $18, $19, $3 from claimed
), audited as (
  insert into audit_events select a.* from claimed, jsonb_populate_recordset(null::audit_events, $20::jsonb) a
)
select (select count(*) from claimed)::int as claimed,
  case when (select count(*) from decided) > (select count(*) from claimed)
    or (select count(*) from claimed) > (select count(*) from entered) then abort_statement('changed meanwhile') end`;

/** An officer's yes. */
export interface Approval {
  readonly id: string;
  /** Name of the administrator. */
  readonly decidedBy: string;
  /** Whether an allowed request was set aside when the request began to wait. */
  readonly reserved: boolean;
}

/** All that is written with the certificate of an approved request. */
export interface ApprovedIssue extends Pick<
  Issue,
  'request' | 'endEntity' | 'renews' | 'certificate' | 'certificateProfile' | 'template' | 'serialNumber' | 'now'
> {
  readonly approval: Approval;
  readonly audit: readonly { readonly id: string; readonly entry: AuditEntry }[];
}

/** Writes what {@link ISSUE_APPROVED} describes. */
@Injectable()
export class ApprovedIssuingWriter {
  constructor(private readonly pool: DevicePool) {}

  /**
   * @returns false when the approval waits no longer, or when the end entity or the renewed certificate has changed since
   *   it was read, and nothing was written
   * @throws ServiceError `outcome-unknown` when the connection was lost before the answer came
   */
  async write(issue: ApprovedIssue): Promise<boolean> {
    const { request, endEntity, certificate, now, renews, approval } = issue;
    const enrolling = approval.reserved ? [...ENROLLING_STATUSES, EndEntityStatus.GENERATED] : ENROLLING_STATUSES;
    try {
      const { rows } = await this.pool.query<{ claimed: number }>({
        name: 'approval-issue',
        text: ISSUE_APPROVED,
        values: [
          endEntity.id,
          EndEntityStatus.GENERATED,
          now,
          renews === undefined ? enrolling : RENEWING_STATUSES,
          endEntity.epoch,
          request.authority.id,
          endEntity.certificateProfileId,
          endEntity.subject,
          JSON.stringify(endEntity.subjectAltNames),
          certificate.publicKey.hash,
          issue.serialNumber,
          request.generation.id,
          request.alias.name,
          issue.certificateProfile,
          certificate.subject.toString(),
          certificate.der,
          certificate.fingerprint('sha256'),
          certificate.notBefore,
          certificate.notAfter,
          JSON.stringify(issue.audit.map(({ id, entry }) => auditRow(id, now, entry))),
          renews?.serialNumber ?? null,
          renews?.authorityId ?? null,
          approval.id,
          approval.decidedBy,
          approval.reserved || renews !== undefined ? 0 : 1,
          request.alias.id,
          issue.template ?? null,
          shadowStart(request) !== undefined,
        ],
      });
      return rows[0]?.claimed === 1;
    } catch (error) {
      if (TAKEN_BACK.includes((error as { code?: unknown }).code)) return false;
      throw error;
    }
  }
}
