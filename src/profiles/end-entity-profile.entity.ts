import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, Unique } from 'typeorm';
import { CertificateProfileEntity } from './certificate-profile.entity';
import type { ProfileLink } from './profile-link';
import { IdentityColumn, ProfileEntity } from './profile.entity';

/** The foreign key by which end entity profiles refer to authorities. */
export const ALLOWED_AUTHORITIES_KEY = 'allowed_authorities_authority_id_fkey';
/** The foreign key by which end entity profiles refer to certificate profiles. */
export const ALLOWED_PROFILES_KEY = 'allowed_certificate_profiles_certificate_profile_id_fkey';

/** What end entity profiles name. */
export const END_ENTITY_PROFILE_LINKS: readonly ProfileLink[] = [
  {
    field: 'authorities',
    table: 'allowed_authorities',
    owner: 'end_entity_profile_id',
    column: 'authority_id',
    target: 'authorities',
    noun: 'authority',
  },
  {
    field: 'certificateProfiles',
    table: 'allowed_certificate_profiles',
    owner: 'end_entity_profile_id',
    column: 'certificate_profile_id',
    target: 'certificate_profiles',
    noun: 'certificate profile',
  },
];

/** The foreign key by which the end entities that an alias registers refer to an end entity profile. */
export const ALIAS_REGISTRATIONS_END_ENTITY_PROFILE_KEY = 'alias_registrations_end_entity_profile_id_fkey';

/** One row of `end_entity_profiles`. */
@Entity('end_entity_profiles')
@Unique('end_entity_profiles_name_key', ['name'])
export class EndEntityProfileEntity extends ProfileEntity {
  @IdentityColumn('integer', 'end_entity_profiles_pkey')
  id: number;
}

const AUTHORITIES_PRIMARY_KEY = 'allowed_authorities_pkey';

/** An authority that end entities of a profile may have: one row of `allowed_authorities`. */
@Entity('allowed_authorities')
@Index('allowed_authorities_by_authority', ['authorityId'])
export class AllowedAuthorityEntity {
  @PrimaryColumn('integer', { name: 'end_entity_profile_id', primaryKeyConstraintName: AUTHORITIES_PRIMARY_KEY })
  endEntityProfileId: number;

  @ManyToOne(() => EndEntityProfileEntity, { nullable: false, onDelete: 'CASCADE' })
  @JoinColumn({
    name: 'end_entity_profile_id',
    foreignKeyConstraintName: 'allowed_authorities_end_entity_profile_id_fkey',
  })
  endEntityProfile: EndEntityProfileEntity;

  /** 0 for the default. */
  @PrimaryColumn('integer', { primaryKeyConstraintName: AUTHORITIES_PRIMARY_KEY })
  position: number;

  @Column('integer', { name: 'authority_id' })
  authorityId: number;

  /** Of a room above, hence by name. */
  @ManyToOne('AuthorityEntity', { nullable: false })
  @JoinColumn({ name: 'authority_id', foreignKeyConstraintName: ALLOWED_AUTHORITIES_KEY })
  authority: unknown;
}

const PROFILES_PRIMARY_KEY = 'allowed_certificate_profiles_pkey';

/** A certificate profile that end entities of a profile may have: one row of `allowed_certificate_profiles`. */
@Entity('allowed_certificate_profiles')
@Index('allowed_certificate_profiles_by_profile', ['certificateProfileId'])
export class AllowedCertificateProfileEntity {
  @PrimaryColumn('integer', { name: 'end_entity_profile_id', primaryKeyConstraintName: PROFILES_PRIMARY_KEY })
  endEntityProfileId: number;

  @ManyToOne(() => EndEntityProfileEntity, { nullable: false, onDelete: 'CASCADE' })
  @JoinColumn({
    name: 'end_entity_profile_id',
    foreignKeyConstraintName: 'allowed_certificate_profiles_end_entity_profile_id_fkey',
  })
  endEntityProfile: EndEntityProfileEntity;

  /** 0 for the default. */
  @PrimaryColumn('integer', { primaryKeyConstraintName: PROFILES_PRIMARY_KEY })
  position: number;

  @Column('integer', { name: 'certificate_profile_id' })
  certificateProfileId: number;

  @ManyToOne(() => CertificateProfileEntity, { nullable: false })
  @JoinColumn({ name: 'certificate_profile_id', foreignKeyConstraintName: ALLOWED_PROFILES_KEY })
  certificateProfile: CertificateProfileEntity;
}
