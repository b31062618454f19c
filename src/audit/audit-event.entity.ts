import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

const PRIMARY_KEY = 'audit_events_pkey';

/** One row of the append-only table `audit_events` (partitioned by `occurred_at`). */
@Entity('audit_events')
@Index('audit_events_by_actor', ['actor', 'occurredAt', 'id'], { where: "actor <> 'gateway'" })
export class AuditEventEntity {
  /** When it happened, in milliseconds' precision: the cursor of the list relies on it. */
  @PrimaryColumn('timestamptz', { name: 'occurred_at', primaryKeyConstraintName: PRIMARY_KEY })
  occurredAt: Date;

  @PrimaryColumn('uuid', { primaryKeyConstraintName: PRIMARY_KEY })
  id: string;

  /** Who did it, see `AuditEntry.actor`. */
  @Column('text')
  actor: string;

  /** What was done, see `AuditEntry.action`. */
  @Column('text')
  action: string;

  /** To what, see `AuditEntry.target`. */
  @Column('text')
  target: string;

  /** What else an auditor wants to know; never a secret. */
  @Column('jsonb')
  details: object;
}
