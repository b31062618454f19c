import type { NotificationEvent, NotificationSettings } from './notification-settings';

const COLUMNS = 'key, alias_id, event, authority_id, serial_number, details, created_at, next_attempt_at';

/**
 * SQL of the part `noted` of a statement that issues: the notification appears with the certificate or not at all. Where the
 * alias notifies nobody, `:notification` is null and nothing is done.
 * @param source the parts of the statement of which there is a row if it issues
 */
export const noteIssue = (source: string): string => `noted as (
  insert into notifications (${COLUMNS})
  select gen_random_uuid(), :aliasId::integer, 'issued', :authorityId::integer, :serialNumber::bytea, :notification::jsonb, :now::timestamptz, :now
  from ${source} where :notification::jsonb is not null
)`;

/** SQL of the part `noted` of a statement that writes down a refusal. */
export const NOTE_REFUSAL = `noted as (
  insert into notifications (${COLUMNS})
  select gen_random_uuid(), :aliasId::integer, 'refused', null, null, :notification::jsonb, :now::timestamptz, :now
  where :notification::jsonb is not null
)`;

/** Notes a revocation if the alias by which the certificate was issued wants it: authority, serial number, time, details. */
export const NOTE_REVOCATION = `
insert into notifications (${COLUMNS})
select gen_random_uuid(), a.id, 'revoked', c.authority_id, c.serial_number, $4::jsonb, $3::timestamptz, $3
from certificates c join aliases a on a.id = c.alias_id
where c.authority_id = $1 and c.serial_number = $2 and a.settings->'notifications'->'events' ? 'revoked'`;

/** SQL of a part of a statement that issues: notes the revocation of what its part `superseded` has revoked, likewise. */
export const NOTE_SUPERSEDED = `told as (
  insert into notifications (${COLUMNS})
  select gen_random_uuid(), a.id, 'revoked', s.authority_id, s.serial_number, :revocationDetails::jsonb, :now::timestamptz, :now
  from superseded s join aliases a on a.id = s.alias_id
  where a.settings->'notifications'->'events' ? 'revoked'
)`;

/** Value of `:notification`: the details as JSON, null where the alias does not tell of such events. */
export function notification(
  { events }: NotificationSettings,
  event: NotificationEvent,
  details: () => object,
): string | null {
  return events.includes(event) ? JSON.stringify(details()) : null;
}
