import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';

const PRIMARY_KEY = 'unique_claims_pkey';

/**
 * What belongs to one end entity alone: one row of `unique_claims`, written with each certificate of an authority that wants
 * keys or subjects to be unique. Entities of rooms above are referred to by name.
 */
@Entity('unique_claims')
@Index('unique_claims_by_end_entity', ['endEntityId'])
export class UniqueClaimEntity {
  @PrimaryColumn('integer', { name: 'authority_id', primaryKeyConstraintName: PRIMARY_KEY })
  authorityId: number;

  @ManyToOne('AuthorityEntity', { nullable: false, onDelete: 'CASCADE' })
  @JoinColumn({ name: 'authority_id', foreignKeyConstraintName: 'unique_claims_authority_id_fkey' })
  authority: unknown;

  @PrimaryColumn('text', { primaryKeyConstraintName: PRIMARY_KEY })
  kind: 'key' | 'subject';

  /** SHA-256 of the SubjectPublicKeyInfo, or of the subject as the SQL function `subject_key` has it. */
  @PrimaryColumn('bytea', { primaryKeyConstraintName: PRIMARY_KEY })
  value: Buffer;

  @Column('bigint', { name: 'end_entity_id' })
  endEntityId: string;

  @ManyToOne('EndEntityEntity', { nullable: false, onDelete: 'CASCADE' })
  @JoinColumn({ name: 'end_entity_id', foreignKeyConstraintName: 'unique_claims_end_entity_id_fkey' })
  endEntity: unknown;
}
