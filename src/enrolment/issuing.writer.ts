import { Injectable } from '@nestjs/common';

import type { AuditEntry } from '../audit/audit-log';
import { auditRow } from '../audit/audit-row';
import { type ParameterisedStatement, statement } from '../database/named-parameters';
import { DevicePool, type NamedStatement } from '../database/pg-pool';
import { ENROLLING_STATUSES, EndEntityStatus, RENEWING_STATUSES } from '../end-entities/end-entity-status';
import { noteIssue } from '../notifications/outbox-statement';
import type { Certificate } from '../pki/x509/certificate';
import { type RequestRecord, requestRow } from '../requests/request-record';
import { attemptSource } from './attempt-source';
import type { EndEntityFacts } from './enrolment-facts.reader';
import { type RequestedIssue, shadowStart } from './enrolment-request';
import { type HeldRequest, HOLD_BACK, ISSUED_STATE } from './held-certificate';
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
import { ONE_TIME_IS_GONE, USE_ONE_TIME } from './one-time-use';
import { CLAIM_BY_REGISTERING, CLAIM_BY_REGISTERING_AGAIN } from './registering-claims';
import { contentValues, type RegisteredNames, type Registration, unchanged } from './registration';
import { NO_MORE_SOURCE_FAILURES } from './source-failures';

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
 * Authority and profile are compared as sums, so that the end entity is found by its id and by nothing else: all of a fleet
 * have the same, and the planner thinks each index as good as the other while there is next to nothing in the table.
 *
 * `claimed` locks the end entity and checks that it is still what the decision was based on. `entered` refuses to replace
 * an answer that someone else has given since the ledger was read; then the whole statement is aborted, for the claim
 * must not stand without the certificate.
 *
 * A right challengePassword counts only as long as no failed attempt was counted since it was judged (:judgedFailures): of many guesses
 * at once the limit lets no more through than of the same guesses one after the other.
 *
 * A renewal takes no allowed request and changes no status. What it is based on is that the renewed certificate (:renewedSerialNumber, :renewedAuthorityId)
 * is the end entity's latest and not revoked: `renewed` keeps it from being revoked until all is written, and since the
 * lock on the end entity is waited for and its row looked at again, of two renewals at once one claims it.
 *
 * A shadow certificate (:isShadow) is given once for each generation, and stands beside the latest one until that generation's
 * turn has come. A generation (:generationId) issues only in its turn: what was signed before a rollover is not written after it.
 */
const claimIf = (condition: string): string => `renewed as (
  select from certificates where authority_id = :renewedAuthorityId::integer and serial_number = :renewedSerialNumber::bytea and revoked_at is null
  for share
), claimed as (
  update end_entities set
    remaining_requests = remaining_requests - case when :renewedSerialNumber::bytea is null then 1 else 0 end,
    status = case when :renewedSerialNumber::bytea is not null or remaining_requests > 1 then status else :generated::smallint end,
    failed_attempts = case when :renewedSerialNumber::bytea is null then 0 else failed_attempts end,
    locked_until = case when :renewedSerialNumber::bytea is null then null else locked_until end,
    ${latestIs(':serialNumber', ':generationId', ':isShadow')},
    updated_at = :now
  where id = :endEntityId and status = any(:statuses::smallint[]) and epoch = :epoch
    and case when :renewedSerialNumber::bytea is null then remaining_requests > 0
      else ${LATEST} = :renewedSerialNumber::bytea and exists (select from renewed) end
    and ${inItsTurn(':generationId', ':isShadow')}
    and authority_id + 0 = :authorityId and certificate_profile_id + 0 = :certificateProfileId and subject = :registeredSubject and subject_alt_names = :registeredAltNames::jsonb
    and enrolment_code_verifier is not distinct from :enrolmentCodeVerifier::bytea
    and (:judgedFailures::integer is null or failed_attempts = :judgedFailures)
    and ${NO_MORE_SOURCE_FAILURES} ${condition}
  returning id, epoch, username
)`;

/**
 * @param claim the parts of the statement that end with `claimed`: who gets the certificate, if all is still as it was judged
 * @param rules of `issuing-rules.ts`: further parts and cases
 */
const issueTo = (claim: string, rules: { readonly parts: string; readonly cases: string }): string => `
with ${claim}, entered as (
  insert into scep_transactions (ledger_key, alias_id, transaction_id, public_key_hash, message_type, state,
    end_entity_id, end_entity_epoch, authority_id, serial_number, created_at, updated_at)
  select :ledgerKey, :aliasId, :transactionID, :publicKeyHash, :messageType, ${ISSUED_STATE}, claimed.id, claimed.epoch, :authorityId, :serialNumber, :now, :now from claimed
  on conflict (ledger_key) do update set
    end_entity_id = excluded.end_entity_id, end_entity_epoch = excluded.end_entity_epoch,
    state = excluded.state, serial_number = excluded.serial_number, approval_id = null, updated_at = excluded.updated_at
    where scep_transactions.serial_number is not distinct from :replacedSerialNumber::bytea
      and scep_transactions.approval_id is not distinct from :replacedApproval::uuid
  returning ledger_key
), certified as (
  insert into certificates (serial_number, authority_id, generation_id, end_entity_id, username, alias, alias_id,
    certificate_profile, template, subject, certificate, public_key_hash, fingerprint, not_before, not_after,
    issued_at)
  select :serialNumber, :authorityId, :generationId, claimed.id, claimed.username, :alias, :aliasId, :certificateProfile, :template, :subject, :certificate, :publicKeyHash, :fingerprint, :notBefore, :notAfter, :now
  from claimed, entered
)${rules.parts}, ${HOLD_BACK}, forgiven as (
  delete from failed_attempts where end_entity_id = :endEntityId and :forgives and exists (select from entered)
), ${USE_ONE_TIME}, logged as (
  insert into requests select r.* from entered, jsonb_populate_record(null::requests, :record::jsonb) r
), audited as (
  insert into audit_events select a.* from entered, jsonb_populate_record(null::audit_events, :audit::jsonb) a
), ${noteIssue('claimed, entered')}
select (select count(*) from claimed)::int as claimed,
  case when (select count(*) from claimed) = 0 then null
    when (select count(*) from entered) = 0 or ${ONE_TIME_IS_GONE} then abort_statement('answered meanwhile')
    ${rules.cases} end`;

/** A statement for what is issued by the rules that always hold, and one for what is issued by further ones. */
const statements = (name: string, claim: string, ruledClaim = claim): Statements => ({
  plain: statement(name, issueTo(claim, { parts: '', cases: COMPROMISED_KEY })),
  ruled: statement(
    `${name}-ruled`,
    issueTo(ruledClaim, { parts: `, ${RULED_PARTS}`, cases: `${COMPROMISED_KEY} ${RULED_CASES}` }),
  ),
});

interface Statements {
  readonly plain: ParameterisedStatement;
  readonly ruled: ParameterisedStatement;
}

const ISSUE = statements('enrolment-issue', claimIf(''), claimIf(`and ${LATEST_AS_READ}`));
const ISSUE_REGISTERING = statements('registration-issue', CLAIM_BY_REGISTERING);
const ISSUE_REGISTERING_AGAIN = statements('registration-issue-again', CLAIM_BY_REGISTERING_AGAIN);

/** All that is written with a certificate. */
export interface Issue {
  readonly request: RequestedIssue;
  readonly endEntity: EndEntityFacts;
  readonly ledgerKey: Buffer;
  /** Serial number of the answer that is no longer current and gives way to this one. */
  readonly replaces: Buffer | undefined;
  /** Whether the certificate is issued because a challengePassword is right. */
  readonly judgedChallenge: boolean;
  /** Id of the one-time challenge that it uses up. */
  readonly usesOneTime?: string | undefined;
  /** How many wrong challenges of the request's source had been counted against its alias by then. */
  readonly sourceFailures: number;
  /** Set where the end entity is registered along with its certificate. */
  readonly registration: Registration | undefined;
  /** The approval that the answer belonged to which gives way to this one. */
  readonly replacesApproval: string | undefined;
  /** The certificate that is renewed; undefined for an enrolment. */
  readonly renews: { readonly authorityId: number; readonly serialNumber: Buffer } | undefined;
  readonly certificate: Certificate;
  /** Those of the certificate, for an end entity that is registered along with it. */
  readonly names: RegisteredNames;
  readonly certificateProfile: string;
  /** The certificate template that has chosen the profile. */
  readonly template: string | undefined;
  readonly serialNumber: Buffer;
  /** Set where the certificate waits for a foreign service. */
  readonly held: HeldRequest | undefined;
  /** Value of `:notification`, see `outbox-statement.ts`. */
  readonly notification?: string | null;
  readonly now: Date;
  readonly record: RequestRecord;
  readonly audit: { readonly id: string; readonly entry: AuditEntry };
}

/** Writes what {@link ISSUE} and the others describe. */
@Injectable()
export class IssuingWriter {
  constructor(private readonly pool: DevicePool) {}

  /**
   * @returns false when the end entity, the renewed certificate or the ledger has changed since it was read, and nothing was written
   * @throws ServiceError `outcome-unknown` when the connection was lost before the answer came, and `key-not-allowed` or
   *   `request-refused` for a rule of `issuing-rules.ts`
   */
  async write(issue: Issue): Promise<boolean> {
    try {
      const { rows } = await this.pool.query<{ claimed: number }>(statementFor(issue));
      return rows[0]?.claimed === 1;
    } catch (error) {
      const refusal = refusalOf(error, issue.request);
      if (refusal !== undefined) throw refusal;
      if (TAKEN_BACK.includes((error as { code?: unknown }).code)) return false;
      throw error;
    }
  }
}

function statementFor(issue: Issue): NamedStatement {
  const { request, endEntity, registration } = issue;
  const ruled = isRuled(request);
  const chosen = (of: Statements): ParameterisedStatement => (ruled ? of.ruled : of.plain);
  const values = {
    ...commonValues(issue),
    isShadow: shadowStart(request) !== undefined,
    ...(ruled && ruledValues(issue)),
  };
  if (registration === undefined)
    return chosen(ISSUE).with({ ...values, ...claimValues(issue), ...(ruled && latestAsRead(issue)) });
  const content = contentValues(registration, issue.names);
  return registration.kind === 'new'
    ? chosen(ISSUE_REGISTERING).with({ ...values, ...content, username: endEntity.username })
    : chosen(ISSUE_REGISTERING_AGAIN).with({ ...values, ...content, ...unchanged(endEntity, registration) });
}

/** Values of {@link claimIf} beyond those of every issue. */
function claimValues({ endEntity, renews, judgedChallenge }: Issue): Readonly<Record<string, unknown>> {
  return {
    generated: EndEntityStatus.GENERATED,
    statuses: renews === undefined ? ENROLLING_STATUSES : RENEWING_STATUSES,
    epoch: endEntity.epoch,
    certificateProfileId: endEntity.certificateProfileId,
    registeredSubject: endEntity.subject,
    registeredAltNames: JSON.stringify(endEntity.subjectAltNames),
    enrolmentCodeVerifier: endEntity.enrolmentCodeVerifier,
    renewedSerialNumber: renews?.serialNumber ?? null,
    renewedAuthorityId: renews?.authorityId ?? null,
    judgedFailures: judgedChallenge ? endEntity.failedAttempts : null,
  };
}

function commonValues(issue: Issue): Readonly<Record<string, unknown>> {
  const { request, endEntity, certificate, now, renews } = issue;
  return {
    endEntityId: endEntity.id,
    now,
    source: attemptSource(request.source),
    judgedSourceFailures: issue.judgedChallenge ? issue.sourceFailures : null,
    authorityId: request.authority.id,
    ledgerKey: issue.ledgerKey,
    aliasId: request.alias.id,
    transactionID: request.transactionID,
    publicKeyHash: certificate.publicKey.hash,
    messageType: request.messageType,
    serialNumber: issue.serialNumber,
    replacedSerialNumber: issue.replaces ?? null,
    replacedApproval: issue.replacesApproval ?? null,
    generationId: request.generation.id,
    alias: request.alias.name,
    certificateProfile: issue.certificateProfile,
    template: issue.template ?? null,
    notification: issue.notification ?? null,
    oneTimeId: issue.usesOneTime ?? null,
    requestId: request.id,
    sealedRequest: issue.held?.sealedRequest ?? null,
    challengeKind: issue.held?.kind ?? null,
    subject: certificate.subject.toString(),
    certificate: certificate.der,
    fingerprint: certificate.fingerprint('sha256'),
    notBefore: certificate.notBefore,
    notAfter: certificate.notAfter,
    // The failed attempts are guesses at the code, of which a renewal says nothing.
    forgives: endEntity.failedAttempts > 0 && renews === undefined,
    record: JSON.stringify(requestRow(issue.record)),
    audit: JSON.stringify(auditRow(issue.audit.id, now, issue.audit.entry)),
  };
}
