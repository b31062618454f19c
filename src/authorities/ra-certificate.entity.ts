import { Check, Column, CreateDateColumn, Entity, ForeignKey, Index, PrimaryGeneratedColumn } from 'typeorm';
import { KeyEntity } from '../keys/key.entity';
import { AuthorityGenerationEntity } from './authority-generation.entity';

/** What an RA certificate's key does in SCEP: signs replies, opens requests, or both. */
export type RaPurpose = 'sign' | 'encrypt' | 'both';

/** An RA certificate that an authority issued to the gateway itself. */
@Entity('ra_certificates')
@Index('one_current_ra_certificate', ['generationId', 'purpose'], { unique: true, where: `state = 'current'` })
@Check('ra_certificates_purpose_check', `purpose in ('sign', 'encrypt', 'both')`)
@Check('ra_certificates_state_check', `state in ('current', 'previous')`)
export class RaCertificateEntity {
  @PrimaryGeneratedColumn('identity', {
    type: 'integer',
    generatedIdentity: 'ALWAYS',
    primaryKeyConstraintName: 'ra_certificates_pkey',
  })
  id: number;

  @ForeignKey(() => AuthorityGenerationEntity, { name: 'ra_certificates_generation_id_fkey', onDelete: 'CASCADE' })
  @Column('integer', { name: 'generation_id' })
  generationId: number;

  @Column('text')
  purpose: RaPurpose;

  /** A previous one is shown to no device any more, but still opens what was encrypted to it. */
  @Column('text')
  state: 'current' | 'previous';

  @ForeignKey(() => KeyEntity, { name: 'ra_certificates_key_id_fkey' })
  @Column('uuid', { name: 'key_id' })
  keyId: string;

  /** DER. */
  @Column('bytea')
  certificate: Buffer;

  @Column('timestamptz', { name: 'not_after' })
  notAfter: Date;

  @CreateDateColumn({ type: 'timestamptz', name: 'created_at' })
  createdAt: Date;
}
