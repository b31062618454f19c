import { Check, Column, CreateDateColumn, Entity, ForeignKey, Index, PrimaryGeneratedColumn, Unique } from 'typeorm';
import { KeyEntity } from '../keys/key.entity';
import { AuthorityEntity } from './authority.entity';

/**
 * Where a generation is in its life: it waits for an external root, comes next, certifies, only opens late messages, or is
 * over; or it was withdrawn before its turn came. The last two are kept for what they have issued.
 */
export type GenerationState = 'pending' | 'next' | 'current' | 'previous' | 'retired' | 'withdrawn';

/** One key and certificate of an authority. */
@Entity('authority_generations')
@Unique('authority_generations_authority_id_number_key', ['authorityId', 'number'])
@Index('one_current_generation', ['authorityId'], { unique: true, where: `state = 'current'` })
@Index('one_next_generation', ['authorityId'], { unique: true, where: `state = 'next'` })
@Index('one_previous_generation', ['authorityId'], { unique: true, where: `state = 'previous'` })
@Index('one_pending_generation', ['authorityId'], { unique: true, where: `state = 'pending'` })
@Check(
  'authority_generations_state_check',
  `state in ('pending', 'next', 'current', 'previous', 'retired', 'withdrawn')`,
)
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

  /** When it becomes the current one by itself; null: when an administrator says so. */
  @Column('timestamptz', { name: 'activate_at', nullable: true })
  activateAt: Date | null;

  /** How long the generation before it opens messages once this one is the current; null: as the settings say. */
  @Column('integer', { name: 'overlap_hours', nullable: true })
  overlapHours: number | null;

  /** Until when it opens messages, of a previous generation. */
  @Column('timestamptz', { name: 'opens_until', nullable: true })
  opensUntil: Date | null;

  @CreateDateColumn({ type: 'timestamptz', name: 'created_at' })
  createdAt: Date;
}
