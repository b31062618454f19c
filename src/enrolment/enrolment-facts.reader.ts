import { Injectable } from '@nestjs/common';

import { ConfigurationVersion } from '../database/configuration-version';
import { DevicePool } from '../database/pg-pool';
import type { EndEntityStatus } from '../end-entities/end-entity-status';

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
  /** Of its latest certificate; null before the first. */
  readonly latestSerialNumber: Buffer | null;
}

/** The certificate with the issuer and serial number of the one that is to be renewed. */
export interface RenewedFacts {
  /** DER, as it was issued. */
  readonly certificate: Buffer;
  readonly username: string;
  /** Name of the alias through which it was issued: as it is called now or, where it is gone, as it was called then. */
  readonly alias: string | null;
  readonly revokedAt: Date | null;
}

/** The answer that the ledger holds for an equal request, with what decides whether it is still current. */
export interface LedgerFacts {
  readonly certificate: Buffer;
  readonly serialNumber: Buffer;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly revokedAt: Date | null;
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
}

/** All that the database knows about one renewal; the end entity is the one that the certificate was issued to. */
export interface RenewalFacts extends EnrolmentFacts {
  readonly renewed: RenewedFacts | undefined;
}

const FACTS = `v.version,
  e.id, e.username, e.status, e.subject, e.subject_alt_names, e.authority_id, e.certificate_profile_id,
  e.end_entity_profile_id, e.enrolment_code_verifier, e.remaining_requests, e.failed_attempts, e.locked_until, e.epoch,
  e.latest_serial_number, f.locked_until as source_locked_until,
  t.serial_number as ledger_serial, t.end_entity_epoch as ledger_epoch, owner.epoch as owner_epoch,
  c.certificate, c.not_before, c.not_after, c.revoked_at, c.username as ledger_username`;

const LOCKOUT_AND_LEDGER = `
left join failed_attempts f on f.end_entity_id = e.id and f.source = $2
left join scep_transactions t on t.ledger_key = $3
left join certificates c on c.authority_id = t.authority_id and c.serial_number = t.serial_number
left join end_entities owner on owner.id = t.end_entity_id`;

const READ_FACTS = `
select ${FACTS}
from configuration_version v
left join end_entities e on e.username = $1
${LOCKOUT_AND_LEDGER}`;

const READ_RENEWAL_FACTS = `
select ${FACTS},
  r.certificate as renewed_certificate, r.username as renewed_username,
  coalesce(origin.name, r.alias) as renewed_alias, r.revoked_at as renewed_revoked_at
from configuration_version v
left join certificates r on r.authority_id = $1 and r.serial_number = $4
left join aliases origin on origin.id = r.alias_id
left join end_entities e on e.id = r.end_entity_id
${LOCKOUT_AND_LEDGER}`;

interface FactsRow {
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
  source_locked_until: Date | null;
  ledger_serial: Buffer | null;
  ledger_epoch: number;
  owner_epoch: number | null;
  certificate: Buffer | null;
  not_before: Date;
  not_after: Date;
  revoked_at: Date | null;
  ledger_username: string;
}

interface RenewalFactsRow extends FactsRow {
  renewed_certificate: Buffer | null;
  renewed_username: string;
  renewed_alias: string | null;
  renewed_revoked_at: Date | null;
}

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
   */
  async read(username: string, source: string, ledgerKey: Buffer): Promise<EnrolmentFacts> {
    const row = await this.one<FactsRow>('enrolment-facts', READ_FACTS, [username, source, ledgerKey]);
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
  ): Promise<RenewalFacts> {
    const values = [authorityId, source, ledgerKey, serialNumber];
    const row = await this.one<RenewalFactsRow>('renewal-facts', READ_RENEWAL_FACTS, values);
    return { ...factsOf(row), renewed: renewedOf(row) };
  }

  private async one<Row extends FactsRow>(name: string, text: string, values: readonly unknown[]): Promise<Row> {
    const { rows } = await this.pool.query<Row>({ name, text, values });
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
});

function renewedOf(row: RenewalFactsRow): RenewedFacts | undefined {
  if (row.renewed_certificate === null) return undefined;
  return {
    certificate: row.renewed_certificate,
    username: row.renewed_username,
    alias: row.renewed_alias,
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
  };
}

function ledgerOf(row: FactsRow): LedgerFacts | undefined {
  if (row.ledger_serial === null || row.certificate === null) return undefined;
  return {
    certificate: row.certificate,
    serialNumber: row.ledger_serial,
    notBefore: row.not_before,
    notAfter: row.not_after,
    revokedAt: row.revoked_at,
    username: row.ledger_username,
    answeredEpoch: row.ledger_epoch,
    presentEpoch: row.owner_epoch,
  };
}
