import { Column, Entity, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { EndEntityEntity } from './end-entity.entity';

const PRIMARY_KEY = 'failed_attempts_pkey';

/** How often one source has failed to enrol as one end entity: one row of `failed_attempts`. */
@Entity('failed_attempts')
export class FailedAttemptEntity {
  @PrimaryColumn('bigint', { name: 'end_entity_id', primaryKeyConstraintName: PRIMARY_KEY })
  endEntityId: string;

  @ManyToOne(() => EndEntityEntity, { nullable: false, onDelete: 'CASCADE' })
  @JoinColumn({ name: 'end_entity_id', foreignKeyConstraintName: 'failed_attempts_end_entity_id_fkey' })
  endEntity: EndEntityEntity;

  /** Address of the client. */
  @PrimaryColumn('text', { primaryKeyConstraintName: PRIMARY_KEY })
  source: string;

  @Column('integer')
  failures: number;

  @Column('timestamptz', { name: 'last_failure_at' })
  lastFailureAt: Date;

  @Column('timestamptz', { name: 'locked_until', nullable: true })
  lockedUntil: Date | null;
}
