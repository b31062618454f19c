import { Check, Column, Entity, Index, JoinColumn, ManyToOne, PrimaryGeneratedColumn } from 'typeorm';
import type { NotificationEvent } from './notification-settings';

/** One row of `notifications`: what a customer's service is still to be told of. */
@Entity('notifications')
@Check('notifications_event_check', `event in ('issued', 'refused', 'revoked')`)
@Index('notifications_by_next_attempt', ['nextAttemptAt'])
@Index('notifications_by_certificate', ['authorityId', 'serialNumber', 'id'])
@Index('notifications_by_alias', ['aliasId'])
export class NotificationEntity {
  @PrimaryGeneratedColumn('identity', {
    type: 'bigint',
    generatedIdentity: 'ALWAYS',
    primaryKeyConstraintName: 'notifications_pkey',
  })
  id: string;

  /** Its idempotency key. */
  @Column('uuid')
  key: string;

  @Column('integer', { name: 'alias_id' })
  aliasId: number;

  // By name: aliases are above this room.
  @ManyToOne('AliasEntity', { nullable: false, onDelete: 'CASCADE' })
  @JoinColumn({ name: 'alias_id', foreignKeyConstraintName: 'notifications_alias_id_fkey' })
  alias: unknown;

  @Column('text')
  event: NotificationEvent;

  /** With the serial number: the certificate that it is about; null for a refusal. */
  @Column('integer', { name: 'authority_id', nullable: true })
  authorityId: number | null;

  @Column('bytea', { name: 'serial_number', nullable: true })
  serialNumber: Buffer | null;

  /** What is said of it besides the certificate. No secret. */
  @Column('jsonb')
  details: object;

  @Column('timestamptz', { name: 'created_at' })
  createdAt: Date;

  @Column('integer', { default: 0 })
  attempts: number;

  @Column('timestamptz', { name: 'next_attempt_at' })
  nextAttemptAt: Date;
}
