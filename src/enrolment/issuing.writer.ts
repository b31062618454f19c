import { Injectable } from '@nestjs/common';

import type { AuditEntry } from '../audit/audit-log';
import { auditRow } from '../audit/audit-row';
import { DevicePool } from '../database/pg-pool';
import { ENROLLING_STATUSES, EndEntityStatus, RENEWING_STATUSES } from '../end-entities/end-entity-status';
import type { Certificate } from '../pki/x509/certificate';
import { type RequestRecord, requestRow } from '../requests/request-record';
import type { EndEntityFacts } from './enrolment-facts.reader';
import { type RequestedIssue, shadowStart } from './enrolment-request';
import { inItsTurn, LATEST, latestIs } from './latest-certificate';

/**
 * After these SQLSTATEs nothing is written and the facts are to be read anew: by the first the statement below takes itself
 * back, the second means that the server ended it for the sake of another one that locks the same rows the other way round
 * (the removal of an end entity).
 */
const TAKEN_BACK: readonly unknown[] = ['SG001', '40P01'];

/**
 * The one writing round trip of an enrolment, and the place where a certificate comes into being
 * (another is the officer's yes, see `approved-issuing.writer.ts`): the end entity
 * leaves NEW, ledger entry, certificate, request record and audit event appear, or none of it.
 *
 * `claimed` locks the end entity and checks that it is still what the decision was based on. `entered` refuses to replace
 * an answer that someone else has given since the ledger was read; then the whole statement is aborted, for the claim
 * must not stand without the certificate.
 *
 * A right challengePassword counts only as long as no failed attempt was counted since it was judged ($31): of many guesses
 * at once the limit lets no more through than of the same guesses one after the other.
 *
 * A renewal takes no allowed request and changes no status. What it is based on is that the renewed certificate ($29, $30)
 * is the end entity's latest and not revoked: `renewed` keeps it from being revoked until all is written, and since the
 * lock on the end entity is waited for and its row looked at again, of two renewals at once one claims it.
 *
 * A shadow certificate ($34) is given once for each generation, and stands beside the latest one until that generation's
 * turn has come. A generation ($18) issues only in its turn: what was signed before a rollover is not written after it.
 */
const ISSUE = `
with renewed as (
  select from certificates where authority_id = $30::integer and serial_number = $29::bytea and revoked_at is null
  for share
), claimed as (
  update end_entities set
    remaining_requests = remaining_requests - case when $29::bytea is null then 1 else 0 end,
    status = case when $29::bytea is not null or remaining_requests > 1 then status else $2::smallint end,
    failed_attempts = case when $29::bytea is null then 0 else failed_attempts end,
    locked_until = case when $29::bytea is null then null else locked_until end,
    ${latestIs('$16', '$18', '$34')},
    updated_at = $3
  where id = $1 and status = any($4::smallint[]) and epoch = $5
    and case when $29::bytea is null then remaining_requests > 0
      else ${LATEST} = $29::bytea and exists (select from renewed) end
    and ${inItsTurn('$18', '$34')}
    and authority_id = $6 and certificate_profile_id = $7 and subject = $8 and subject_alt_names = $9::jsonb
    and enrolment_code_verifier is not distinct from $10::bytea
    and ($31::integer is null or failed_attempts = $31)
  returning id, epoch, username
), entered as (
  insert into scep_transactions (ledger_key, alias_id, transaction_id, public_key_hash, message_type, state,
    end_entity_id, end_entity_epoch, authority_id, serial_number, created_at, updated_at)
  select $11, $12, $13, $14, $15, 'issued', claimed.id, claimed.epoch, $6, $16, $3, $3 from claimed
  on conflict (ledger_key) do update set
    end_entity_id = excluded.end_entity_id, end_entity_epoch = excluded.end_entity_epoch,
    state = excluded.state, serial_number = excluded.serial_number, approval_id = null, updated_at = excluded.updated_at
    where scep_transactions.serial_number is not distinct from $17::bytea
      and scep_transactions.approval_id is not distinct from $32::uuid
  returning ledger_key
), certified as (
  insert into certificates (serial_number, authority_id, generation_id, end_entity_id, username, alias, alias_id,
    certificate_profile, template, subject, certificate, public_key_hash, fingerprint, not_before, not_after,
    issued_at)
  select $16, $6, $18, claimed.id, claimed.username, $19, $12, $20, $33, $21, $22, $14, $23, $24, $25, $3
  from claimed, entered
), forgiven as (
  delete from failed_attempts where end_entity_id = $1 and $26 and exists (select from entered)
), logged as (
  insert into requests select r.* from entered, jsonb_populate_record(null::requests, $27::jsonb) r
), audited as (
  insert into audit_events select a.* from entered, jsonb_populate_record(null::audit_events, $28::jsonb) a
)
select (select count(*) from claimed)::int as claimed,
  case when (select count(*) from claimed) > (select count(*) from entered) then abort_statement('answered meanwhile') end`;

/** All that is written with a certificate. */
export interface Issue {
  readonly request: RequestedIssue;
  readonly endEntity: EndEntityFacts;
  readonly ledgerKey: Buffer;
  /** Serial number of the answer that is no longer current and gives way to this one. */
  readonly replaces: Buffer | undefined;
  /** Whether the certificate is issued because a challengePassword is right. */
  readonly judgedChallenge: boolean;
  /** The approval that the answer belonged to which gives way to this one. */
  readonly replacesApproval: string | undefined;
  /** The certificate that is renewed; undefined for an enrolment. */
  readonly renews: { readonly authorityId: number; readonly serialNumber: Buffer } | undefined;
  readonly certificate: Certificate;
  readonly certificateProfile: string;
  /** The certificate template that has chosen the profile. */
  readonly template: string | undefined;
  readonly serialNumber: Buffer;
  readonly now: Date;
  readonly record: RequestRecord;
  readonly audit: { readonly id: string; readonly entry: AuditEntry };
}

/** Writes what {@link ISSUE} describes. */
@Injectable()
export class IssuingWriter {
  constructor(private readonly pool: DevicePool) {}

  /**
   * @returns false when the end entity, the renewed certificate or the ledger has changed since it was read, and nothing was written
   * @throws ServiceError `outcome-unknown` when the connection was lost before the answer came
   */
  async write(issue: Issue): Promise<boolean> {
    const { request, endEntity, certificate, now, renews } = issue;
    try {
      const { rows } = await this.pool.query<{ claimed: number }>({
        name: 'enrolment-issue',
        text: ISSUE,
        values: [
          endEntity.id,
          EndEntityStatus.GENERATED,
          now,
          renews === undefined ? ENROLLING_STATUSES : RENEWING_STATUSES,
          endEntity.epoch,
          request.authority.id,
          endEntity.certificateProfileId,
          endEntity.subject,
          JSON.stringify(endEntity.subjectAltNames),
          endEntity.enrolmentCodeVerifier,
          issue.ledgerKey,
          request.alias.id,
          request.transactionID,
          certificate.publicKey.hash,
          request.messageType,
          issue.serialNumber,
          issue.replaces ?? null,
          request.generation.id,
          request.alias.name,
          issue.certificateProfile,
          certificate.subject.toString(),
          certificate.der,
          certificate.fingerprint('sha256'),
          certificate.notBefore,
          certificate.notAfter,
          // The failed attempts are guesses at the code, of which a renewal says nothing.
          endEntity.failedAttempts > 0 && renews === undefined,
          JSON.stringify(requestRow(issue.record)),
          JSON.stringify(auditRow(issue.audit.id, now, issue.audit.entry)),
          renews?.serialNumber ?? null,
          renews?.authorityId ?? null,
          issue.judgedChallenge ? endEntity.failedAttempts : null,
          issue.replacesApproval ?? null,
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
