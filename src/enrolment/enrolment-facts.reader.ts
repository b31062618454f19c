import { Injectable } from '@nestjs/common';

import type { ApprovalStanding } from '../approvals/approval-state';
import { ConfigurationVersion } from '../database/configuration-version';
import { DevicePool, type NamedStatement } from '../database/pg-pool';
import type { OneTimeFacts } from '../challenges/one-time/one-time-facts';
import type { EndEntityStatus } from '../end-entities/end-entity-status';
import {
  type FactsRow,
  type LatestFactsRow,
  READ_APPROVAL_FACTS,
  READ_FACTS,
  READ_REGISTRATION_FACTS,
  READ_RENEWAL_FACTS,
  READ_UNNAMED_REGISTRATION_FACTS,
  type RegistrationFactsRow,
  type RenewalFactsRow,
} from './enrolment-facts.statements';
import { oneTimeOf } from './one-time-use';

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
  /** Id of the alias that has registered it; null: an administrator has. */
  readonly registeringAliasId: number | null;
}

/** Wrong challenges of a source at an alias, for which no end entity can be blamed. */
export interface SourceFailures {
  readonly failures: number;
  readonly lockedUntil: Date | null;
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
  /** Undefined: none. */
  readonly sourceFailures: SourceFailures | undefined;
}

/** All that the database knows about one enrolment in RA mode. */
export interface RegistrationFacts extends EnrolmentFacts {
  /** Id for the end entity that is to be registered; undefined where there is one already. */
  readonly freshId: string | undefined;
  /** The latest certificate of the end entity that is there, as far as it has one. */
  readonly latest: LatestFacts | undefined;
}

/** The latest certificate of an end entity. */
export interface LatestFacts {
  /** Of the authority that issued it. */
  readonly authorityId: number;
  readonly serialNumber: Buffer;
  /** SHA-256 of the SubjectPublicKeyInfo. */
  readonly publicKeyHash: Buffer;
  readonly revokedAt: Date | null;
}

/** All that the database knows about one renewal; the end entity is the one that the certificate was issued to. */
export interface RenewalFacts extends EnrolmentFacts {
  readonly renewed: RenewedFacts | undefined;
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
   * @param aliasId through which the request came
   * @param oneTimeVerifier of the challengePassword, to look it up among the one-time challenges; one that is bound to a
   *   user name says which end entity is read
   */
  async read(
    username: string,
    source: string,
    ledgerKey: Buffer,
    aliasId: number,
    oneTimeVerifier?: Buffer,
  ): Promise<EnrolmentFacts> {
    const values = { username, source, ledgerKey, aliasId, oneTimeVerifier: oneTimeVerifier ?? null };
    const row = await this.one<FactsRow>(READ_FACTS.with(values));
    return factsOf(row);
  }

  /**
   * As {@link read}, for a request in RA mode.
   * @param username undefined: it is another one each time, so that the end entity is that of an equal request
   */
  async readRegistration(
    username: string | undefined,
    source: string,
    ledgerKey: Buffer,
    aliasId: number,
    oneTimeVerifier?: Buffer,
  ): Promise<RegistrationFacts> {
    const values = { source, ledgerKey, aliasId, oneTimeVerifier: oneTimeVerifier ?? null };
    const row = await this.one<RegistrationFactsRow>(
      username === undefined
        ? READ_UNNAMED_REGISTRATION_FACTS.with(values)
        : READ_REGISTRATION_FACTS.with({ ...values, username }),
    );
    return { ...factsOf(row), freshId: row.fresh_id ?? undefined, latest: latestOf(row) };
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
    aliasId: number,
    oneTimeVerifier?: Buffer,
  ): Promise<RenewalFacts> {
    const values = {
      renewedAuthorityId: authorityId,
      source,
      ledgerKey,
      renewedSerialNumber: serialNumber,
      aliasId,
      oneTimeVerifier: oneTimeVerifier ?? null,
    };
    const row = await this.one<RenewalFactsRow>(READ_RENEWAL_FACTS.with(values));
    return { ...factsOf(row), renewed: renewedOf(row) };
  }

  /**
   * Reads what an officer's yes depends on: the end entity by its id, its latest certificate, and
   * for a renewal the one that is renewed.
   */
  async readApproval(
    endEntityId: string | null,
    renews: { readonly authorityId: number; readonly serialNumber: Buffer } | undefined,
  ): Promise<Pick<RenewalFacts, 'endEntity' | 'renewed'> & Pick<RegistrationFacts, 'latest'>> {
    // Neither a source's lockout nor the ledger matters by now.
    const values = {
      endEntityId,
      source: '',
      aliasId: null,
      ledgerKey: NO_KEY,
      oneTimeVerifier: null,
      renewedAuthorityId: renews?.authorityId ?? null,
      renewedSerialNumber: renews?.serialNumber ?? null,
    };
    const row = await this.one<RenewalFactsRow & LatestFactsRow>(READ_APPROVAL_FACTS.with(values));
    return { endEntity: endEntityOf(row), renewed: renewedOf(row), latest: latestOf(row) };
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
  sourceFailures:
    row.alias_failures === null ? undefined : { failures: row.alias_failures, lockedUntil: row.alias_locked_until },
});

function latestOf(row: LatestFactsRow): LatestFacts | undefined {
  if (row.latest_authority_id === null || row.latest_serial_number === null) return undefined;
  return {
    authorityId: row.latest_authority_id,
    serialNumber: row.latest_serial_number,
    publicKeyHash: row.latest_key_hash,
    revokedAt: row.latest_revoked_at,
  };
}

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
    registeringAliasId: row.registering_alias_id,
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
