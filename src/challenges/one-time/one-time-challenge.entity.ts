import { Check, Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, Unique } from 'typeorm';
import type { SubjectAltName } from '../../profiles/subject-alt-name';
import { CertificateProfileEntity } from '../../profiles/certificate-profile.entity';

/**
 * What a one-time challenge has come to: `used` by a request that was granted or waits for an officer, `burnt` by too many
 * requests for something else than it is bound to, `revoked` by an administrator. One whose time is over stays `outstanding`.
 */
export type OneTimeState = 'outstanding' | 'used' | 'burnt' | 'revoked';

/** One row of `one_time_challenges`. */
@Entity('one_time_challenges')
@Unique('one_time_challenges_verifier_key', ['verifier'])
@Check('one_time_challenges_state_check', `state in ('outstanding', 'used', 'burnt', 'revoked')`)
@Check('one_time_challenges_closed_check', `(state = 'outstanding') = (closed_at is null)`)
@Index('one_time_challenges_outstanding', ['aliasId', 'expiresAt', 'id'], { where: `state = 'outstanding'` })
@Index('one_time_challenges_by_expiry', ['expiresAt'])
@Index('one_time_challenges_by_certificate_profile', ['certificateProfileId'], {
  where: 'certificate_profile_id is not null',
})
export class OneTimeChallengeEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'one_time_challenges_pkey' })
  id: string;

  @Column('integer', { name: 'alias_id' })
  aliasId: number;

  // By name: aliases are above this room.
  @ManyToOne('AliasEntity', { nullable: false, onDelete: 'CASCADE' })
  @JoinColumn({ name: 'alias_id', foreignKeyConstraintName: 'one_time_challenges_alias_id_fkey' })
  alias: unknown;

  /** HMAC of the challenge, 32 bytes, see `one-time-secret.ts`. */
  @Column('bytea')
  verifier: Buffer;

  @Column('text')
  state: OneTimeState;

  /** As `DistinguishedName.toString` writes it; null: bound to none. */
  @Column('text', { nullable: true })
  subject: string | null;

  /** All that may be asked for; null: bound to none. */
  @Column('jsonb', { name: 'subject_alt_names', nullable: true })
  subjectAltNames: SubjectAltName[] | null;

  @Column('integer', { name: 'certificate_profile_id', nullable: true })
  certificateProfileId: number | null;

  @ManyToOne(() => CertificateProfileEntity, { onDelete: 'CASCADE' })
  @JoinColumn({
    name: 'certificate_profile_id',
    foreignKeyConstraintName: 'one_time_challenges_certificate_profile_id_fkey',
  })
  certificateProfile: CertificateProfileEntity | null;

  @Column('text', { nullable: true })
  username: string | null;

  /** Requests for something else than it is bound to. */
  @Column('integer', { name: 'failed_attempts', default: 0 })
  failedAttempts: number;

  /** Name of the administrator or account. */
  @Column('text', { name: 'issued_by' })
  issuedBy: string;

  /** In milliseconds' precision: the cursor of the list relies on it. */
  @Column('timestamptz', { name: 'issued_at' })
  issuedAt: Date;

  @Column('timestamptz', { name: 'expires_at' })
  expiresAt: Date;

  /** When it ceased to be outstanding. */
  @Column('timestamptz', { name: 'closed_at', nullable: true })
  closedAt: Date | null;

  /** Id of the request, in the request log, that has used it. */
  @Column('uuid', { name: 'used_by', nullable: true })
  usedBy: string | null;
}
