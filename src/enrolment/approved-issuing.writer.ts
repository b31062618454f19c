import { Injectable } from '@nestjs/common';

import type { AuditEntry } from '../audit/audit-log';
import { auditRow } from '../audit/audit-row';
import { statement } from '../database/named-parameters';
import { DevicePool } from '../database/pg-pool';
import { ENROLLING_STATUSES, EndEntityStatus, RENEWING_STATUSES } from '../end-entities/end-entity-status';
import { noteIssue } from '../notifications/outbox-statement';
import { shadowStart } from './enrolment-request';
import type { Issue } from './issuing.writer';
import {
  COMPROMISED_KEY,
  isRuled,
  LATEST_AS_READ,
  latestAsRead,
  refusalOf,
  RULED_CASES,
  RULED_PARTS,
  ruledValues,
} from './issuing-rules';
import { inItsTurn, LATEST, latestIs } from './latest-certificate';
import { LATEST_IS_GOOD } from './registering-claims';

/** As for any other issue: the statement takes itself back, or the server ends it for the sake of another. */
const TAKEN_BACK: readonly unknown[] = ['SG001', '40P01'];

/**
 * What the issuing writer does for a request that is judged at once, this does for one that an officer approves: the
 * approval is decided, the end entity leaves INPROCESS, certificate and audit events appear, and all transactions that
 * wait for the approval have their answer, or none of it. Of an officer's yes, another's no and the end of its time,
 * whichever locks the approval first is the one that counts.
 *
 * An allowed request is taken here (:takenRequests) unless it was set aside when the request began to wait. What was set aside may
 * still be used where another request has led to GENERATED meanwhile.
 *
 * Whom the alias has registered (:registers) gets the content of this request, and keeps no allowed request. Where it has a
 * certificate (:mustBeGood), that must not have been revoked while the request waited.
 */
const approving = (condition: string, rules: { readonly parts: string; readonly cases: string }): string => `
with renewed as (
  select from certificates where authority_id = :renewedAuthorityId::integer and serial_number = :renewedSerialNumber::bytea and revoked_at is null
  for share
), ${LATEST_IS_GOOD}, decided as (
  update approvals set state = 'approved', decided_at = :now, decided_by = :decidedBy, serial_number = :serialNumber
  where id = :approvalId and state = 'waiting' and expires_at > :now
  returning id
), claimed as (
  update end_entities set
    remaining_requests = case when :registers::boolean then 0 else remaining_requests - :takenRequests::integer end,
    open_approvals = open_approvals - 1,
    status = case when :renewedSerialNumber::bytea is not null or open_approvals > 1 then status
      when not :registers and remaining_requests > :takenRequests::integer then ${EndEntityStatus.NEW} else :generated::smallint end,
    subject = case when :registers then :subject else subject end,
    subject_alt_names = case when :registers then :altNames::jsonb else subject_alt_names end,
    authority_id = :authorityId,
    certificate_profile_id = coalesce(:registeredProfileId::integer, certificate_profile_id),
    end_entity_profile_id = coalesce(:endEntityProfileId::integer, end_entity_profile_id),
    ${latestIs(':serialNumber', ':generationId', ':isShadow')},
    updated_at = :now
  where id = :endEntityId and status = any(:statuses::smallint[]) and epoch = :epoch and exists (select from decided)
    and case when :renewedSerialNumber::bytea is null then :registers or remaining_requests >= :takenRequests::integer
      else ${LATEST} = :renewedSerialNumber::bytea and exists (select from renewed) end
    and ${inItsTurn(':generationId', ':isShadow')}
    and (not :mustBeGood::boolean or exists (select from latest))
    and authority_id + 0 = :registeredAuthorityId and certificate_profile_id + 0 = :certificateProfileId and subject = :registeredSubject and subject_alt_names = :registeredAltNames::jsonb ${condition}
  returning id, epoch, username
), entered as (
  update scep_transactions t set state = 'issued', serial_number = :serialNumber, updated_at = :now
  from claimed where t.approval_id = :approvalId
  returning t.ledger_key
), certified as (
  insert into certificates (serial_number, authority_id, generation_id, end_entity_id, username, alias, alias_id,
    certificate_profile, template, subject, certificate, public_key_hash, fingerprint, not_before, not_after,
    issued_at)
  select :serialNumber, :authorityId, :generationId, claimed.id, claimed.username, :alias, :aliasId, :certificateProfile, :template, :subject, :certificate, :publicKeyHash, :fingerprint, :notBefore, :notAfter, :now from claimed
)${rules.parts}, audited as (
  insert into audit_events select a.* from claimed, jsonb_populate_recordset(null::audit_events, :audit::jsonb) a
), ${noteIssue('claimed')}
select (select count(*) from claimed)::int as claimed,
  case when (select count(*) from decided) > (select count(*) from claimed)
    or (select count(*) from claimed) > (select count(*) from entered) then abort_statement('changed meanwhile')
    when (select count(*) from claimed) = 0 then null
    ${rules.cases} end`;

const ISSUE_APPROVED = statement('approval-issue', approving('', { parts: '', cases: COMPROMISED_KEY }));
const ISSUE_APPROVED_RULED = statement(
  'approval-issue-ruled',
  approving(`and ${LATEST_AS_READ}`, { parts: `, ${RULED_PARTS}`, cases: `${COMPROMISED_KEY} ${RULED_CASES}` }),
);

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
  | 'request'
  | 'endEntity'
  | 'registration'
  | 'names'
  | 'renews'
  | 'certificate'
  | 'certificateProfile'
  | 'template'
  | 'serialNumber'
  | 'notification'
  | 'now'
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
   * @throws ServiceError `outcome-unknown` when the connection was lost before the answer came, and `key-not-allowed` or
   *   `request-refused` for a rule of `issuing-rules.ts`
   */
  async write(issue: ApprovedIssue): Promise<boolean> {
    const { request, endEntity, certificate, now, renews, approval, registration } = issue;
    const ruled = isRuled(request);
    const enrolling = approval.reserved ? [...ENROLLING_STATUSES, EndEntityStatus.GENERATED] : ENROLLING_STATUSES;
    try {
      const { rows } = await this.pool.query<{ claimed: number }>(
        (ruled ? ISSUE_APPROVED_RULED : ISSUE_APPROVED).with({
          endEntityId: endEntity.id,
          generated: EndEntityStatus.GENERATED,
          now,
          statuses: renews === undefined ? enrolling : RENEWING_STATUSES,
          epoch: endEntity.epoch,
          authorityId: request.authority.id,
          registeredAuthorityId: endEntity.authorityId,
          registers: registration !== undefined,
          registeredProfileId: registration?.certificateProfileId ?? null,
          endEntityProfileId: registration?.endEntityProfileId ?? null,
          altNames: issue.names.altNames,
          latestAuthorityId: registration?.latest?.authorityId ?? null,
          latestSerialNumber: endEntity.latestSerialNumber,
          mustBeGood: registration?.latest !== undefined && endEntity.status === EndEntityStatus.GENERATED,
          certificateProfileId: endEntity.certificateProfileId,
          registeredSubject: endEntity.subject,
          registeredAltNames: JSON.stringify(endEntity.subjectAltNames),
          publicKeyHash: certificate.publicKey.hash,
          serialNumber: issue.serialNumber,
          generationId: request.generation.id,
          alias: request.alias.name,
          certificateProfile: issue.certificateProfile,
          subject: certificate.subject.toString(),
          certificate: certificate.der,
          fingerprint: certificate.fingerprint('sha256'),
          notBefore: certificate.notBefore,
          notAfter: certificate.notAfter,
          audit: JSON.stringify(issue.audit.map(({ id, entry }) => auditRow(id, now, entry))),
          renewedSerialNumber: renews?.serialNumber ?? null,
          renewedAuthorityId: renews?.authorityId ?? null,
          approvalId: approval.id,
          decidedBy: approval.decidedBy,
          takenRequests: approval.reserved || renews !== undefined ? 0 : 1,
          aliasId: request.alias.id,
          template: issue.template ?? null,
          notification: issue.notification ?? null,
          isShadow: shadowStart(request) !== undefined,
          ...(ruled && { ...ruledValues(issue), ...latestAsRead(issue) }),
        }),
      );
      return rows[0]?.claimed === 1;
    } catch (error) {
      const refusal = refusalOf(error, request);
      if (refusal !== undefined) throw refusal;
      if (TAKEN_BACK.includes((error as { code?: unknown }).code)) return false;
      throw error;
    }
  }
}
