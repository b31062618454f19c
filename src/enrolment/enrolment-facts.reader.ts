import { Injectable } from '@nestjs/common';

import type { ApprovalStanding, ApprovalState } from '../approvals/approval-state';
import { ConfigurationVersion } from '../database/configuration-version';
import { statement } from '../database/named-parameters';
import { DevicePool, type NamedStatement } from '../database/pg-pool';
import type { OneTimeFacts } from '../challenges/one-time/one-time-facts';
import type { EndEntityStatus } from '../end-entities/end-entity-status';
import { ONE_TIME_COLUMNS, ONE_TIME_JOIN, oneTimeOf, type OneTimeRow } from './one-time-use';

/** An end entity as the enrolment sees it. */
export interface EndEntityFacts {
  readonly id: string;
  readonly username: string;
  readonly status: EndEntityStatus;
  /** Registered subject, as RFC 4514-like text. */
  readonly subject: string;
  readonly subjectAltNames: readonly { readonly type: string; readonly value: string }[];
  readonly authorityId: number;
  readonly certificateProfileId: number;
  readonly endEntityProfileId: number;
  readonly enrolmentCodeVerifier: Buffer | null;
  readonly remainingRequests: number;
  readonly lockedUntil: Date | null;
  readonly epoch: number;
  /** Lockout of this request's source for this end entity. */
  readonly sourceLockedUntil: Date | null;
  /** Attempts that have failed since the last success, of all sources. */
  readonly failedAttempts: number;
  /** Of its latest certificate; null before the first. That of a next generation is not among them before the rollover. */
  readonly latestSerialNumber: Buffer | null;
  /** Which generation gave it a certificate in advance, if one did. */
  readonly shadowGenerationId: number | null;
  /** How many of its requests wait for an officer. */
  readonly openApprovals: number;
}

/** The approval that the ledger holds for an equal request. */
export interface ApprovalFacts extends ApprovalStanding {
  readonly id: string;
  /** SHA-256 of the message that opened it. */
  readonly messageHash: Buffer;
  /** What the device is told of a rejection, besides that it is one. */
  readonly toldReason: string | null;
}

/** The certificate with the issuer and serial number of the one that is to be renewed. */
export interface RenewedFacts {
  /** DER, as it was issued. */
  readonly certificate: Buffer;
  readonly username: string;
  /** Name of the alias through which it was issued: as it is called now or, where it is gone, as it was called then. */
  readonly alias: string | null;
  /** The template by which its profile was chosen; null where that was the end entity's own. */
  readonly template: string | null;
  readonly revokedAt: Date | null;
}

/** The answer that the ledger holds for an equal request, with what decides whether it is still current. */
export interface LedgerFacts {
  readonly certificate: Buffer;
  /** Which issued it. */
  readonly generationId: number;
  readonly serialNumber: Buffer;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly revokedAt: Date | null;
  /** Whether a foreign service has to hear of it before anybody gets it. */
  readonly unreleased: boolean;
  readonly username: string;
  /** How often the end entity had been put back to NEW when the answer was given, and by now; null: it is gone. */
  readonly answeredEpoch: number;
  readonly presentEpoch: number | null;
}

/** All that the database knows about one request. */
export interface EnrolmentFacts {
  readonly endEntity: EndEntityFacts | undefined;
  readonly ledger: LedgerFacts | undefined;
  /**
   * Serial number in the ledger's entry, which a new answer has to replace. It may be all that is left: where certificates
   * were restored from an older backup than the ledger, no answer stands behind it.
   */
  readonly ledgerSerialNumber: Buffer | undefined;
  /** Id of the approval in the ledger's entry, which is to be replaced likewise. */
  readonly ledgerApprovalId: string | undefined;
  /** Set where the answer was an officer's, or still is to be. */
  readonly approval: ApprovalFacts | undefined;
  /** The one-time challenge that the request holds, where it was looked for. */
  readonly oneTime: OneTimeFacts | undefined;
}

/** All that the database knows about one renewal; the end entity is the one that the certificate was issued to. */
export interface RenewalFacts extends EnrolmentFacts {
  readonly renewed: RenewedFacts | undefined;
}

const FACTS = `v.version,
  e.id, e.username, e.status, e.subject, e.subject_alt_names, e.authority_id, e.certificate_profile_id,
  e.end_entity_profile_id, e.enrolment_code_verifier, e.remaining_requests, e.failed_attempts, e.locked_until, e.epoch,
  case when s.state is null or s.state in ('next', 'withdrawn') then e.latest_serial_number else e.shadow_serial_number end
    as latest_serial_number, e.shadow_generation_id, e.open_approvals, f.locked_until as source_locked_until,
  t.state as ledger_state, t.serial_number as ledger_serial, t.approval_id as ledger_approval_id, t.end_entity_epoch as ledger_epoch, owner.epoch as owner_epoch,
  c.certificate, c.serial_number as certificate_serial, c.generation_id, c.not_before, c.not_after, c.revoked_at, c.username as ledger_username,
  a.id as approval_id, a.state as approval_state, a.expires_at, a.message_hash, a.end_entity_epoch as approval_epoch,
  case when a.tell_device then a.reason end as told_reason,
  ${ONE_TIME_COLUMNS}`;

// A transaction that joins an approval in the moment of the officer's yes may have been too late to be answered with the
// others. Its answer is the approval's all the same. The limit keeps the certificate from being joined by reading them all,
// which the planner otherwise prefers for as long as it takes the partitions to be empty.
const LOCKOUT_AND_LEDGER = `
left join authority_generations s on s.id = e.shadow_generation_id
left join failed_attempts f on f.end_entity_id = e.id and f.source = :source
left join scep_transactions t on t.ledger_key = :ledgerKey
left join approvals a on a.id = t.approval_id
left join lateral (
  select * from certificates c
  where c.authority_id = t.authority_id and c.serial_number = coalesce(t.serial_number, a.serial_number) limit 1
) c on true
left join end_entities owner on owner.id = t.end_entity_id`;

const READ_FACTS = statement(
  'enrolment-facts',
  `
select ${FACTS}
from configuration_version v
${ONE_TIME_JOIN}
left join end_entities e on e.username = coalesce(o.username, :username)
${LOCKOUT_AND_LEDGER}`,
);

/** Columns of the certificate that is renewed, and of the alias through which it was issued. */
const RENEWED = `r.certificate as renewed_certificate, r.username as renewed_username,
  coalesce(origin.name, r.alias) as renewed_alias, r.template as renewed_template,
  r.revoked_at as renewed_revoked_at`;

const READ_RENEWAL_FACTS = statement(
  'renewal-facts',
  `
select ${FACTS},
  ${RENEWED}
from configuration_version v
left join certificates r on r.authority_id = :renewedAuthorityId and r.serial_number = :renewedSerialNumber
left join aliases origin on origin.id = r.alias_id
left join end_entities e on e.id = r.end_entity_id
${ONE_TIME_JOIN}
${LOCKOUT_AND_LEDGER}`,
);

const READ_APPROVAL_FACTS = statement(
  'approval-facts',
  `
select ${FACTS},
  ${RENEWED}
from configuration_version v
left join certificates r on r.authority_id = :renewedAuthorityId and r.serial_number = :renewedSerialNumber
left join aliases origin on origin.id = r.alias_id
left join end_entities e on e.id = :endEntityId
${ONE_TIME_JOIN}
${LOCKOUT_AND_LEDGER}`,
);

interface FactsRow extends OneTimeRow {
  version: string;
  id: string | null;
  username: string;
  status: EndEntityStatus;
  subject: string;
  subject_alt_names: { type: string; value: string }[];
  authority_id: number;
  certificate_profile_id: number;
  end_entity_profile_id: number;
  enrolment_code_verifier: Buffer | null;
  remaining_requests: number;
  failed_attempts: number;
  locked_until: Date | null;
  epoch: number;
  latest_serial_number: Buffer | null;
  shadow_generation_id: number | null;
  open_approvals: number;
  source_locked_until: Date | null;
  ledger_state: string | null;
  ledger_serial: Buffer | null;
  certificate_serial: Buffer | null;
  ledger_approval_id: string | null;
  ledger_epoch: number;
  owner_epoch: number | null;
  certificate: Buffer | null;
  generation_id: number;
  not_before: Date;
  not_after: Date;
  revoked_at: Date | null;
  ledger_username: string;
  approval_id: string | null;
  approval_state: ApprovalState;
  expires_at: Date;
  message_hash: Buffer;
  approval_epoch: number;
  told_reason: string | null;
}

interface RenewalFactsRow extends FactsRow {
  renewed_certificate: Buffer | null;
  renewed_username: string;
  renewed_alias: string | null;
  renewed_template: string | null;
  renewed_revoked_at: Date | null;
}

const NO_KEY = Buffer.alloc(32);

/** The one reading round trip of an enrolment. */
@Injectable()
export class EnrolmentFactsReader {
  constructor(
    private readonly pool: DevicePool,
    private readonly configurationVersion: ConfigurationVersion,
  ) {}

  /**
   * Reads end entity, lockout and ledger in one statement. The version of the configuration rides along, so that a
   * gateway that missed a change notice learns of it before it issues anything.
   * @param username as the request names it
   * @param source whom failed attempts are counted against
   * @param ledgerKey 32 bytes
   * @param oneTimeVerifier of the challengePassword, to look it up among the one-time challenges; one that is bound to a
   *   user name says which end entity is read
   */
  async read(username: string, source: string, ledgerKey: Buffer, oneTimeVerifier?: Buffer): Promise<EnrolmentFacts> {
    const values = { username, source, ledgerKey, oneTimeVerifier: oneTimeVerifier ?? null };
    const row = await this.one<FactsRow>(READ_FACTS.with(values));
    return factsOf(row);
  }

  /**
   * As {@link read}, for a renewal: with the certificate that is renewed, and the end entity that has it.
   * @param authorityId of the authority that issued it
   * @param serialNumber big-endian magnitude
   */
  async readRenewal(
    authorityId: number,
    serialNumber: Buffer,
    source: string,
    ledgerKey: Buffer,
    oneTimeVerifier?: Buffer,
  ): Promise<RenewalFacts> {
    const values = {
      renewedAuthorityId: authorityId,
      source,
      ledgerKey,
      renewedSerialNumber: serialNumber,
      oneTimeVerifier: oneTimeVerifier ?? null,
    };
    const row = await this.one<RenewalFactsRow>(READ_RENEWAL_FACTS.with(values));
    return { ...factsOf(row), renewed: renewedOf(row) };
  }

  /**
   * Reads what an officer's yes depends on: the end entity by its id, and for a renewal the certificate that is renewed.
   */
  async readApproval(
    endEntityId: string | null,
    renews: { readonly authorityId: number; readonly serialNumber: Buffer } | undefined,
  ): Promise<Pick<RenewalFacts, 'endEntity' | 'renewed'>> {
    // Neither a source's lockout nor the ledger matters by now.
    const values = {
      endEntityId,
      source: '',
      ledgerKey: NO_KEY,
      oneTimeVerifier: null,
      renewedAuthorityId: renews?.authorityId ?? null,
      renewedSerialNumber: renews?.serialNumber ?? null,
    };
    const row = await this.one<RenewalFactsRow>(READ_APPROVAL_FACTS.with(values));
    return { endEntity: endEntityOf(row), renewed: renewedOf(row) };
  }

  private async one<Row extends FactsRow>(asked: NamedStatement): Promise<Row> {
    const { rows } = await this.pool.query<Row>(asked);
    const row = rows[0];
    if (row === undefined) throw new Error('the configuration version row is missing');
    this.configurationVersion.observe(row.version);
    return row;
  }
}

const factsOf = (row: FactsRow): EnrolmentFacts => ({
  endEntity: endEntityOf(row),
  ledger: ledgerOf(row),
  ledgerSerialNumber: row.ledger_serial ?? undefined,
  ledgerApprovalId: row.ledger_approval_id ?? undefined,
  approval: approvalOf(row),
  oneTime: oneTimeOf(row),
});

function renewedOf(row: RenewalFactsRow): RenewedFacts | undefined {
  if (row.renewed_certificate === null) return undefined;
  return {
    certificate: row.renewed_certificate,
    username: row.renewed_username,
    alias: row.renewed_alias,
    template: row.renewed_template,
    revokedAt: row.renewed_revoked_at,
  };
}

function endEntityOf(row: FactsRow): EndEntityFacts | undefined {
  if (row.id === null) return undefined;
  return {
    id: row.id,
    username: row.username,
    status: row.status,
    subject: row.subject,
    subjectAltNames: row.subject_alt_names,
    authorityId: row.authority_id,
    certificateProfileId: row.certificate_profile_id,
    endEntityProfileId: row.end_entity_profile_id,
    enrolmentCodeVerifier: row.enrolment_code_verifier,
    remainingRequests: row.remaining_requests,
    lockedUntil: row.locked_until,
    epoch: row.epoch,
    sourceLockedUntil: row.source_locked_until,
    failedAttempts: row.failed_attempts,
    latestSerialNumber: row.latest_serial_number,
    shadowGenerationId: row.shadow_generation_id,
    openApprovals: row.open_approvals,
  };
}

function ledgerOf(row: FactsRow): LedgerFacts | undefined {
  if (row.certificate_serial === null || row.certificate === null) return undefined;
  return {
    certificate: row.certificate,
    generationId: row.generation_id,
    serialNumber: row.certificate_serial,
    notBefore: row.not_before,
    notAfter: row.not_after,
    revokedAt: row.revoked_at,
    unreleased: row.ledger_state === 'unreleased',
    username: row.ledger_username,
    answeredEpoch: row.ledger_epoch,
    presentEpoch: row.owner_epoch,
  };
}

function approvalOf(row: FactsRow): ApprovalFacts | undefined {
  if (row.approval_id === null) return undefined;
  return {
    id: row.approval_id,
    state: row.approval_state,
    expiresAt: row.expires_at,
    messageHash: row.message_hash,
    endEntityEpoch: row.approval_epoch,
    presentEpoch: row.owner_epoch,
    toldReason: row.told_reason,
  };
}
