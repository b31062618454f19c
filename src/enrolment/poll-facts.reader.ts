import { Injectable } from '@nestjs/common';

import type { ApprovalState } from '../approvals/approval-state';
import { ConfigurationVersion } from '../database/configuration-version';
import { DevicePool } from '../database/pg-pool';
import type { ApprovalFacts } from './enrolment-facts.reader';

/** What the ledger holds of a transaction. */
export interface PolledFacts {
  readonly authorityId: number;
  readonly username: string | null;
  /** Bound to the approval, see `ApprovalSecrets`; set where the answer is to be encrypted with it. */
  readonly sealedChallengePassword: Buffer | null;
  /** Set where an officer was to decide. */
  readonly approval: ApprovalFacts | undefined;
  /** Set where there is a certificate. */
  readonly issued: PolledCertificate | undefined;
}

/** The certificate of a transaction. */
export interface PolledCertificate {
  readonly certificate: Buffer;
  readonly serialNumber: Buffer;
  readonly generationId: number;
  readonly notAfter: Date;
  readonly revokedAt: Date | null;
  /** Whether a foreign service has to hear of it before anybody gets it. */
  readonly unreleased: boolean;
  /** How often the end entity had been put back to NEW when it was issued, and by now; null: it is gone. */
  readonly answeredEpoch: number;
  readonly presentEpoch: number | null;
}

/**
 * The newest request of an alias with this transactionID by this key: most clients derive the transactionID from the key,
 * and use both again. Who made a request is known by the approval; where there is none, by the key that was certified.
 * Parameters: the alias's id, the transactionID, SHA-256 of the SubjectPublicKeyInfo of the key that signed the poll.
 */
export const READ_POLL = `
select v.version, t.*, c.certificate, c.generation_id, c.not_after, c.revoked_at,
  coalesce(owner.username, c.username, t.approval_username) as username, owner.epoch as owner_epoch
from (select version from configuration_version limit 1) v
left join lateral (
  select t.state, t.authority_id, coalesce(t.serial_number, a.serial_number) as serial_number, t.end_entity_id, t.end_entity_epoch, a.id as approval_id,
    a.state as approval_state, a.expires_at, a.message_hash, a.end_entity_epoch as approval_epoch,
    a.username as approval_username, a.sealed_challenge_password, case when a.tell_device then a.reason end as told_reason
  from scep_transactions t left join approvals a on a.id = t.approval_id
  where t.alias_id = $1 and t.transaction_id = $2 and coalesce(a.signer_key_hash, t.public_key_hash) = $3
  order by coalesce(a.created_at, t.updated_at) desc limit 1
) t on true
left join lateral (
  select * from certificates c where c.authority_id = t.authority_id and c.serial_number = t.serial_number limit 1
) c on true
left join lateral (select username, epoch from end_entities where id = t.end_entity_id limit 1) owner on true`;

interface PollRow {
  version: string;
  state: string | null;
  authority_id: number | null;
  serial_number: Buffer | null;
  end_entity_epoch: number;
  approval_id: string | null;
  approval_state: ApprovalState;
  expires_at: Date;
  message_hash: Buffer;
  approval_epoch: number;
  told_reason: string | null;
  certificate: Buffer | null;
  generation_id: number;
  not_after: Date;
  revoked_at: Date | null;
  username: string | null;
  owner_epoch: number | null;
  sealed_challenge_password: Buffer | null;
}

/** The one reading round trip of a CertPoll. */
@Injectable()
export class PollFactsReader {
  constructor(
    private readonly pool: DevicePool,
    private readonly configurationVersion: ConfigurationVersion,
  ) {}

  /**
   * Reads what became of a transaction; undefined: there was none.
   * @param signerKeyHash SHA-256 of the SubjectPublicKeyInfo of the key that signed the poll
   */
  async read(aliasId: number, transactionID: string, signerKeyHash: Buffer): Promise<PolledFacts | undefined> {
    const values = [aliasId, transactionID, signerKeyHash];
    const { rows } = await this.pool.query<PollRow>({ name: 'poll-facts', text: READ_POLL, values });
    const row = rows[0];
    if (row === undefined) throw new Error('the configuration version row is missing');
    this.configurationVersion.observe(row.version);
    if (row.authority_id === null) return undefined;
    return {
      authorityId: row.authority_id,
      username: row.username,
      sealedChallengePassword: row.sealed_challenge_password,
      approval: approvalOf(row),
      issued: issuedOf(row),
    };
  }
}

function approvalOf(row: PollRow): ApprovalFacts | undefined {
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

function issuedOf(row: PollRow): PolledCertificate | undefined {
  if (row.certificate === null || row.serial_number === null) return undefined;
  return {
    certificate: row.certificate,
    serialNumber: row.serial_number,
    generationId: row.generation_id,
    notAfter: row.not_after,
    revokedAt: row.revoked_at,
    unreleased: row.state === 'unreleased',
    answeredEpoch: row.end_entity_epoch,
    presentEpoch: row.owner_epoch,
  };
}
