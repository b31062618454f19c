import type { AuditEntry } from './audit-log';

/**
 * An event as the row that `jsonb_populate_record(null::audit_events, …)` makes of it, for statements that write it
 * together with what it tells of.
 * @param id UUID
 */
export function auditRow(id: string, occurredAt: Date, entry: AuditEntry): Readonly<Record<string, unknown>> {
  return {
    id,
    occurred_at: occurredAt.toISOString(),
    actor: entry.actor,
    action: entry.action,
    target: entry.target,
    details: entry.details ?? {},
  };
}
