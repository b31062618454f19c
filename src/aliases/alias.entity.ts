import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, Unique } from 'typeorm';
import { AuthorityEntity } from '../authorities/authority.entity';
import { ALIAS_TEMPLATES_PROFILE_KEY, CertificateProfileEntity } from '../profiles/certificate-profile.entity';
import { IdentityColumn } from '../profiles/profile.entity';

/** One row of `aliases`. */
@Entity('aliases')
@Unique('aliases_name_key', ['name'])
export class AliasEntity {
  @IdentityColumn('integer', 'aliases_pkey')
  id: number;

  @Column('text')
  name: string;

  @Column('boolean', { default: true })
  enabled: boolean;

  /** What was given, but for `enabled` and the authorities; what is absent has its default. */
  @Column('jsonb', { default: {} })
  settings: object;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt: Date;

  @Column('timestamptz', { name: 'updated_at', default: () => 'now()' })
  updatedAt: Date;
}

const TEMPLATES_KEY = 'alias_templates_pkey';

/** A certificate profile that a certificate template stands for: one row of `alias_templates`. */
@Entity('alias_templates')
@Index('alias_templates_by_certificate_profile', ['certificateProfileId'])
export class AliasTemplateEntity {
  @PrimaryColumn('integer', { name: 'alias_id', primaryKeyConstraintName: TEMPLATES_KEY })
  aliasId: number;

  @ManyToOne(() => AliasEntity, { nullable: false, onDelete: 'CASCADE' })
  @JoinColumn({ name: 'alias_id', foreignKeyConstraintName: 'alias_templates_alias_id_fkey' })
  alias: AliasEntity;

  /** Name or dotted identifier, as the administrator wrote it. */
  @PrimaryColumn('text', { primaryKeyConstraintName: TEMPLATES_KEY })
  template: string;

  /** Place in the list of the alias. */
  @Column('integer')
  position: number;

  @Column('integer', { name: 'certificate_profile_id' })
  certificateProfileId: number;

  @ManyToOne(() => CertificateProfileEntity, { nullable: false })
  @JoinColumn({ name: 'certificate_profile_id', foreignKeyConstraintName: ALIAS_TEMPLATES_PROFILE_KEY })
  certificateProfile: CertificateProfileEntity;
}

const SECRETS_KEY = 'alias_secrets_pkey';

/** A secret among the settings of an alias: one row of `alias_secrets`. */
@Entity('alias_secrets')
export class AliasSecretEntity {
  @PrimaryColumn('integer', { name: 'alias_id', primaryKeyConstraintName: SECRETS_KEY })
  aliasId: number;

  @ManyToOne(() => AliasEntity, { nullable: false, onDelete: 'CASCADE' })
  @JoinColumn({ name: 'alias_id', foreignKeyConstraintName: 'alias_secrets_alias_id_fkey' })
  alias: AliasEntity;

  /** Its dotted name, such as `challenge.password`. */
  @PrimaryColumn('text', { primaryKeyConstraintName: SECRETS_KEY })
  field: string;

  @Column('bytea')
  sealed: Buffer;

  @Column('timestamptz', { name: 'updated_at', default: () => 'now()' })
  updatedAt: Date;
}

const AUTHORITIES_KEY = 'alias_authorities_pkey';

/** An authority that an alias may reach: one row of `alias_authorities`. */
@Entity('alias_authorities')
@Unique('alias_authorities_alias_id_authority_id_key', ['aliasId', 'authorityId'])
export class AliasAuthorityEntity {
  @PrimaryColumn('integer', { name: 'alias_id', primaryKeyConstraintName: AUTHORITIES_KEY })
  aliasId: number;

  @ManyToOne(() => AliasEntity, { nullable: false, onDelete: 'CASCADE' })
  @JoinColumn({ name: 'alias_id', foreignKeyConstraintName: 'alias_authorities_alias_id_fkey' })
  alias: AliasEntity;

  /** 0 for the default authority. */
  @PrimaryColumn('integer', { primaryKeyConstraintName: AUTHORITIES_KEY })
  position: number;

  @Column('integer', { name: 'authority_id' })
  authorityId: number;

  @ManyToOne(() => AuthorityEntity, { nullable: false })
  @JoinColumn({ name: 'authority_id', foreignKeyConstraintName: 'alias_authorities_authority_id_fkey' })
  authority: AuthorityEntity;
}
