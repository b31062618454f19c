import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, Unique } from 'typeorm';
import { AliasEntity } from '../aliases/alias.entity';
import { IdentityColumn } from '../profiles/profile.entity';

/** One row of `ra_accounts`. */
@Entity('ra_accounts')
@Unique('ra_accounts_name_key', ['name'])
export class RaAccountEntity {
  @IdentityColumn('integer', 'ra_accounts_pkey')
  id: number;

  /** Lower case. */
  @Column('text')
  name: string;

  /** For the administrator. */
  @Column('text', { default: '' })
  description: string;

  /** Whether the password opens anything. */
  @Column('boolean', { default: true })
  enabled: boolean;

  /** HMAC of the password, see `Verifier`. */
  @Column('bytea', { name: 'password_verifier' })
  passwordVerifier: Buffer;

  /** When somebody last logged in with it. */
  @Column('timestamptz', { name: 'last_used_at', nullable: true })
  lastUsedAt: Date | null;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt: Date;

  @Column('timestamptz', { name: 'updated_at', default: () => 'now()' })
  updatedAt: Date;
}

const ALIASES_KEY = 'ra_account_aliases_pkey';
/** Name of the constraint that an alias breaks which is removed meanwhile. */
export const RA_ACCOUNT_ALIASES_ALIAS_KEY = 'ra_account_aliases_alias_id_fkey';

/** An alias whose challenges an account may fetch: one row of `ra_account_aliases`. */
@Entity('ra_account_aliases')
@Index('ra_account_aliases_by_alias', ['aliasId'])
export class RaAccountAliasEntity {
  @PrimaryColumn('integer', { name: 'ra_account_id', primaryKeyConstraintName: ALIASES_KEY })
  raAccountId: number;

  @ManyToOne(() => RaAccountEntity, { nullable: false, onDelete: 'CASCADE' })
  @JoinColumn({ name: 'ra_account_id', foreignKeyConstraintName: 'ra_account_aliases_ra_account_id_fkey' })
  raAccount: RaAccountEntity;

  @PrimaryColumn('integer', { name: 'alias_id', primaryKeyConstraintName: ALIASES_KEY })
  aliasId: number;

  @ManyToOne(() => AliasEntity, { nullable: false, onDelete: 'CASCADE' })
  @JoinColumn({ name: 'alias_id', foreignKeyConstraintName: RA_ACCOUNT_ALIASES_ALIAS_KEY })
  alias: AliasEntity;
}
