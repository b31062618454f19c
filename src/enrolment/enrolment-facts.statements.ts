import type { ApprovalState } from '../approvals/approval-state';
import { statement } from '../database/named-parameters';
import type { EndEntityStatus } from '../end-entities/end-entity-status';
import { ONE_TIME_COLUMNS, ONE_TIME_JOIN, type OneTimeRow } from './one-time-use';

/** The serial number of the latest certificate of `e`, where `s` is the generation that gave it one in advance. */
const LATEST_OF_READ = `case when s.state is null or s.state in ('next', 'withdrawn') then e.latest_serial_number
    else e.shadow_serial_number end`;

const FACTS = `v.version,
  e.id, e.username, e.status, e.subject, e.subject_alt_names, e.authority_id, e.certificate_profile_id,
  e.end_entity_profile_id, e.enrolment_code_verifier, e.remaining_requests, e.failed_attempts, e.locked_until, e.epoch,
  ${LATEST_OF_READ} as latest_serial_number, e.shadow_generation_id, e.open_approvals, e.registering_alias_id,
  f.locked_until as source_locked_until, af.failures as alias_failures, af.locked_until as alias_locked_until,
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
left join alias_failed_attempts af on af.alias_id = :aliasId and af.source = :source
left join scep_transactions t on t.ledger_key = :ledgerKey
left join approvals a on a.id = t.approval_id
left join lateral (
  select * from certificates c
  where c.authority_id = t.authority_id and c.serial_number = coalesce(t.serial_number, a.serial_number) limit 1
) c on true
left join lateral (select epoch from end_entities where id = t.end_entity_id limit 1) owner on true`;

// The planner takes both for tables of thousands of rows, of which it would rather read all than look up one: plans are made
// once, mostly while nothing is there yet. The limits tell it what the keys say.
const ONE_ROW = 'from (select version from configuration_version limit 1) v';
const endEntity = (condition: string): string =>
  `left join lateral (select * from end_entities e where ${condition} limit 1) e on true`;

/** What is known of an enrolment in CA mode. */
export const READ_FACTS = statement(
  'enrolment-facts',
  `
select ${FACTS}
${ONE_ROW}
${ONE_TIME_JOIN}
${endEntity('e.username = coalesce(o.username, :username)')}
${LOCKOUT_AND_LEDGER}`,
);

const LATEST_COLUMNS = `l.authority_id as latest_authority_id, l.public_key_hash as latest_key_hash,
  l.revoked_at as latest_revoked_at`;

// The id is drawn with the read, so that an approval can be opened for an end entity in the statement that makes it.
const REGISTRATION_FACTS = `${FACTS}, case when e.id is null then nextval('end_entities_id_seq') end as fresh_id,
  ${LATEST_COLUMNS}`;

const LATEST_CERTIFICATE = `
left join lateral (
  select * from certificates l
  where l.authority_id = e.authority_id and l.serial_number = ${LATEST_OF_READ} limit 1
) l on true`;

/** What is known of an enrolment in RA mode. */
export const READ_REGISTRATION_FACTS = statement(
  'registration-facts',
  `
select ${REGISTRATION_FACTS}
${ONE_ROW}
${ONE_TIME_JOIN}
${endEntity('e.username = coalesce(o.username, :username)')}
${LOCKOUT_AND_LEDGER}
${LATEST_CERTIFICATE}`,
);

/** Where a name is another each time, the end entity is the one that an equal request has led to. */
export const READ_UNNAMED_REGISTRATION_FACTS = statement(
  'unnamed-registration-facts',
  `
select ${REGISTRATION_FACTS}
${ONE_ROW}
left join scep_transactions prior on prior.ledger_key = :ledgerKey
${ONE_TIME_JOIN}
${endEntity(`e.id = case when o.username is null then prior.end_entity_id
  else (select named.id from end_entities named where named.username = o.username) end`)}
${LOCKOUT_AND_LEDGER}
${LATEST_CERTIFICATE}`,
);

/** Columns of the certificate that is renewed, and of the alias through which it was issued. */
const RENEWED = `r.certificate as renewed_certificate, r.username as renewed_username,
  coalesce(origin.name, r.alias) as renewed_alias, r.template as renewed_template,
  r.revoked_at as renewed_revoked_at`;

/** What is known of a renewal. */
export const READ_RENEWAL_FACTS = statement(
  'renewal-facts',
  `
select ${FACTS},
  ${RENEWED}
${ONE_ROW}
left join certificates r on r.authority_id = :renewedAuthorityId and r.serial_number = :renewedSerialNumber
left join aliases origin on origin.id = r.alias_id
${endEntity('e.id = r.end_entity_id')}
${ONE_TIME_JOIN}
${LOCKOUT_AND_LEDGER}`,
);

/** What an officer's yes depends on. */
export const READ_APPROVAL_FACTS = statement(
  'approval-facts',
  `
select ${FACTS},
  ${RENEWED}, ${LATEST_COLUMNS}
${ONE_ROW}
left join certificates r on r.authority_id = :renewedAuthorityId and r.serial_number = :renewedSerialNumber
left join aliases origin on origin.id = r.alias_id
${endEntity('e.id = :endEntityId')}
${ONE_TIME_JOIN}
${LOCKOUT_AND_LEDGER}
${LATEST_CERTIFICATE}`,
);

/** A row of any of these statements. */
export interface FactsRow extends OneTimeRow {
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
  registering_alias_id: number | null;
  source_locked_until: Date | null;
  alias_failures: number | null;
  alias_locked_until: Date | null;
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

/** A row with the certificate that is renewed. */
export interface RenewalFactsRow extends FactsRow {
  renewed_certificate: Buffer | null;
  renewed_username: string;
  renewed_alias: string | null;
  renewed_template: string | null;
  renewed_revoked_at: Date | null;
}

/** A row with the latest certificate of the end entity. */
export interface LatestFactsRow extends FactsRow {
  latest_authority_id: number | null;
  latest_key_hash: Buffer;
  latest_revoked_at: Date | null;
}

/** A row with what RA mode asks besides. */
export interface RegistrationFactsRow extends LatestFactsRow {
  fresh_id: string | null;
}
