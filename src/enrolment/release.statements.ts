import { statement } from '../database/named-parameters';

/** A certificate with its row in `unreleased_certificates`, whose columns are null where it has none. */
export interface HeldRow {
  readonly certificate: Buffer;
  readonly revoked_at: Date | null;
  /** Name of the authority. */
  readonly authority: string;
  readonly alias_id: number | null;
  readonly kind: string;
  readonly transaction_id: string;
  readonly sealed_request: Buffer | null;
  readonly issued_at: Date;
  readonly attempts: number;
  readonly withdrawn_at: Date | null;
  /** Whether no repeat of its request would get it any more. */
  readonly replaced: boolean;
}

/** One {@link HeldRow}, by authority and serial number. */
export const READ_HELD = statement(
  'unreleased-certificate',
  `select c.certificate, c.revoked_at, a.name as authority, u.alias_id, u.kind, u.transaction_id, u.sealed_request,
    u.issued_at, u.attempts, u.withdrawn_at, t.serial_number is distinct from u.serial_number as replaced
  from certificates c join authorities a on a.id = c.authority_id
  left join unreleased_certificates u on u.authority_id = c.authority_id and u.serial_number = c.serial_number
  left join scep_transactions t on t.ledger_key = u.ledger_key
  where c.authority_id = :authorityId and c.serial_number = :serialNumber`,
);

/**
 * From now on it may be delivered, unless somebody has withdrawn it meanwhile; whoever does either waits for the row's lock
 * and finds it gone or withdrawn.
 */
export const RELEASE = statement(
  'certificate-release',
  `with released as (
    delete from unreleased_certificates where authority_id = :authorityId and serial_number = :serialNumber
      and withdrawn_at is null
    returning ledger_key
  ), entered as (
    update scep_transactions t set state = 'issued', updated_at = :now from released
    where t.ledger_key = released.ledger_key and t.serial_number = :serialNumber
  )
  select count(*)::int as released from released`,
);

/** Nobody gets it any more; returns nothing where that, or the contrary, is decided already. */
export const WITHDRAW = statement(
  'certificate-withdraw',
  `with withdrawn as (
    update unreleased_certificates set withdrawn_at = :now, sealed_request = null, last_failure = :reason
    where authority_id = :authorityId and serial_number = :serialNumber and withdrawn_at is null
    returning serial_number
  )
  select count(*)::int as withdrawn from withdrawn`,
);

/** What the job has to see to, by turns of the aliases: many of one whose service is silent keep no other's waiting. */
export const READ_DUE = statement(
  'unreleased-certificates-due',
  `select authority_id, serial_number, alias_id from (
    select authority_id, serial_number, alias_id, next_attempt_at,
      row_number() over (partition by alias_id order by next_attempt_at) as place
    from unreleased_certificates where withdrawn_at is null and next_attempt_at <= :now
  ) due
  order by place, next_attempt_at limit 100`,
);

/** An attempt was in vain. Nothing is changed where it has led to an end. */
export const POSTPONE = statement(
  'unreleased-certificate-postpone',
  `update unreleased_certificates set attempts = attempts + 1, next_attempt_at = :nextAttemptAt, last_failure = :reason
  where authority_id = :authorityId and serial_number = :serialNumber and withdrawn_at is null`,
);
