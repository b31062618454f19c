import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { AuthorityEntity } from '../authorities/authority.entity';
import {
  ALIAS_REGISTRATIONS_CERTIFICATE_PROFILE_KEY,
  CertificateProfileEntity,
} from '../profiles/certificate-profile.entity';
import {
  ALIAS_REGISTRATIONS_END_ENTITY_PROFILE_KEY,
  EndEntityProfileEntity,
} from '../profiles/end-entity-profile.entity';
import { AliasEntity } from './alias.entity';

/** By which authority and profiles an alias registers end entities: one row of `alias_registrations`. */
@Entity('alias_registrations')
@Index('alias_registrations_by_authority', ['authorityId'])
@Index('alias_registrations_by_certificate_profile', ['certificateProfileId'])
@Index('alias_registrations_by_end_entity_profile', ['endEntityProfileId'])
export class AliasRegistrationEntity {
  @PrimaryColumn('integer', { name: 'alias_id', primaryKeyConstraintName: 'alias_registrations_pkey' })
  aliasId: number;

  @ManyToOne(() => AliasEntity, { nullable: false, onDelete: 'CASCADE' })
  @JoinColumn({ name: 'alias_id', foreignKeyConstraintName: 'alias_registrations_alias_id_fkey' })
  alias: AliasEntity;

  @Column('integer', { name: 'authority_id', nullable: true })
  authorityId: number | null;

  @ManyToOne(() => AuthorityEntity, { nullable: true })
  @JoinColumn({ name: 'authority_id', foreignKeyConstraintName: 'alias_registrations_authority_id_fkey' })
  authority: AuthorityEntity | null;

  @Column('integer', { name: 'certificate_profile_id', nullable: true })
  certificateProfileId: number | null;

  @ManyToOne(() => CertificateProfileEntity, { nullable: true })
  @JoinColumn({
    name: 'certificate_profile_id',
    foreignKeyConstraintName: ALIAS_REGISTRATIONS_CERTIFICATE_PROFILE_KEY,
  })
  certificateProfile: CertificateProfileEntity | null;

  @Column('integer', { name: 'end_entity_profile_id', nullable: true })
  endEntityProfileId: number | null;

  @ManyToOne(() => EndEntityProfileEntity, { nullable: true })
  @JoinColumn({ name: 'end_entity_profile_id', foreignKeyConstraintName: ALIAS_REGISTRATIONS_END_ENTITY_PROFILE_KEY })
  endEntityProfile: EndEntityProfileEntity | null;
}

const FAILURES_KEY = 'alias_failed_attempts_pkey';

/** How often one source has failed a challenge of an alias for which no end entity can be blamed. */
@Entity('alias_failed_attempts')
@Index('alias_failed_attempts_by_time', ['aliasId', 'lastFailureAt'])
export class AliasFailedAttemptEntity {
  @PrimaryColumn('integer', { name: 'alias_id', primaryKeyConstraintName: FAILURES_KEY })
  aliasId: number;

  @ManyToOne(() => AliasEntity, { nullable: false, onDelete: 'CASCADE' })
  @JoinColumn({ name: 'alias_id', foreignKeyConstraintName: 'alias_failed_attempts_alias_id_fkey' })
  alias: AliasEntity;

  /** Address of the client, or the network of an IPv6 address. */
  @PrimaryColumn('text', { primaryKeyConstraintName: FAILURES_KEY })
  source: string;

  @Column('integer')
  failures: number;

  @Column('timestamptz', { name: 'last_failure_at' })
  lastFailureAt: Date;

  @Column('timestamptz', { name: 'locked_until', nullable: true })
  lockedUntil: Date | null;
}
