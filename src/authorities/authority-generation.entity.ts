import { Check, Column, CreateDateColumn, Entity, ForeignKey, Index, PrimaryGeneratedColumn, Unique } from 'typeorm';
import { KeyEntity } from '../keys/key.entity';
import { AuthorityEntity } from './authority.entity';

/** Where a generation is in its life: it waits for an external root, comes next, certifies, or only decrypts. */
export type GenerationState = 'pending' | 'previous' | 'current' | 'next';

/** One key and certificate of an authority. */
@Entity('authority_generations')
@Unique('authority_generations_authority_id_number_key', ['authorityId', 'number'])
@Index('one_current_generation', ['authorityId'], { unique: true, where: `state = 'current'` })
@Index('one_next_generation', ['authorityId'], { unique: true, where: `state = 'next'` })
@Check('authority_generations_state_check', `state in ('pending', 'previous', 'current', 'next')`)
@Check('authority_generations_check', `state = 'pending' or certificate is not null`)
export class AuthorityGenerationEntity {
  @PrimaryGeneratedColumn('identity', {
    type: 'integer',
    generatedIdentity: 'ALWAYS',
    primaryKeyConstraintName: 'authority_generations_pkey',
  })
  id: number;

  @ForeignKey(() => AuthorityEntity, { name: 'authority_generations_authority_id_fkey', onDelete: 'CASCADE' })
  @Column('integer', { name: 'authority_id' })
  authorityId: number;

  /** 1 for the first. */
  @Column('integer')
  number: number;

  @Column('text')
  state: GenerationState;

  @ForeignKey(() => KeyEntity, { name: 'authority_generations_key_id_fkey' })
  @Column('uuid', { name: 'key_id' })
  keyId: string;

  /** The CA certificate, DER; null while an external root has not answered. */
  @Column('bytea', { nullable: true })
  certificate: Buffer | null;

  /** The CSR for an external root, DER. */
  @Column('bytea', { name: 'certificate_request', nullable: true })
  certificateRequest: Buffer | null;

  /** The certificates above this one, DER: its issuer first, the root last; empty for a root. */
  @Column('bytea', { array: true, default: [] })
  chain: Buffer[];

  @CreateDateColumn({ type: 'timestamptz', name: 'created_at' })
  createdAt: Date;
}
