import { Column, Entity, Index, JoinColumn, ManyToOne, Unique } from 'typeorm';
import { AuthorityEntity } from '../authorities/authority.entity';
import { CertificateProfileEntity } from '../profiles/certificate-profile.entity';
import { EndEntityProfileEntity } from '../profiles/end-entity-profile.entity';
import { IdentityColumn } from '../profiles/profile.entity';
import type { EndEntityStatus } from './end-entity-status';
import type { SubjectAltName } from '../profiles/subject-alt-name';

/** One row of `end_entities`. */
@Entity('end_entities')
@Unique('end_entities_username_key', ['username'])
@Index('end_entities_by_status', ['status', 'id'])
@Index('end_entities_by_authority', ['authorityId'])
@Index('end_entities_by_certificate_profile', ['certificateProfileId'])
@Index('end_entities_by_end_entity_profile', ['endEntityProfileId'])
export class EndEntityEntity {
  /** A bigint, hence text. */
  @IdentityColumn('bigint', 'end_entities_pkey')
  id: string;

  @Column('text')
  username: string;

  @Column('smallint')
  status: EndEntityStatus;

  /** As `DistinguishedName.toString` writes it. */
  @Column('text')
  subject: string;

  @Column('jsonb', { name: 'subject_alt_names', default: [] })
  subjectAltNames: SubjectAltName[];

  @Column('integer', { name: 'authority_id' })
  authorityId: number;

  @ManyToOne(() => AuthorityEntity, { nullable: false })
  @JoinColumn({ name: 'authority_id', foreignKeyConstraintName: 'end_entities_authority_id_fkey' })
  authority: AuthorityEntity;

  @Column('integer', { name: 'certificate_profile_id' })
  certificateProfileId: number;

  @ManyToOne(() => CertificateProfileEntity, { nullable: false })
  @JoinColumn({ name: 'certificate_profile_id', foreignKeyConstraintName: 'end_entities_certificate_profile_id_fkey' })
  certificateProfile: CertificateProfileEntity;

  @Column('integer', { name: 'end_entity_profile_id' })
  endEntityProfileId: number;

  @ManyToOne(() => EndEntityProfileEntity, { nullable: false })
  @JoinColumn({ name: 'end_entity_profile_id', foreignKeyConstraintName: 'end_entities_end_entity_profile_id_fkey' })
  endEntityProfile: EndEntityProfileEntity;

  /** HMAC of the enrolment code, 32 bytes, see `enrolment-code.ts`. */
  @Column('bytea', { name: 'enrolment_code_verifier', nullable: true })
  enrolmentCodeVerifier: Buffer | null;

  /** How many certificates one code is good for. */
  @Column('integer', { name: 'allowed_requests', default: 1 })
  allowedRequests: number;

  @Column('integer', { name: 'remaining_requests', default: 1 })
  remainingRequests: number;

  /** Failed attempts of all sources together. */
  @Column('integer', { name: 'failed_attempts', default: 0 })
  failedAttempts: number;

  @Column('timestamptz', { name: 'locked_until', nullable: true })
  lockedUntil: Date | null;

  /** How often it was put back to NEW: an answer given before is not repeated after. */
  @Column('integer', { default: 0 })
  epoch: number;

  /** Of its latest certificate, big-endian magnitude; null before the first. */
  @Column('bytea', { name: 'latest_serial_number', nullable: true })
  latestSerialNumber: Buffer | null;

  /** Of the certificate that a next generation gave it; it becomes the latest when that generation is the current one. */
  @Column('bytea', { name: 'shadow_serial_number', nullable: true })
  shadowSerialNumber: Buffer | null;

  /** Which generation that was. */
  @Column('integer', { name: 'shadow_generation_id', nullable: true })
  shadowGenerationId: number | null;

  /** How many of its requests wait for an officer. */
  @Column('integer', { name: 'open_approvals', default: 0 })
  openApprovals: number;

  /** Id of the alias that has registered it in RA mode, which may be gone; null: an administrator has. */
  @Column('integer', { name: 'registering_alias_id', nullable: true })
  registeringAliasId: number | null;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt: Date;

  @Column('timestamptz', { name: 'updated_at', default: () => 'now()' })
  updatedAt: Date;
}
