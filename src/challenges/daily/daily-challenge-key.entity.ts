import { Column, Entity, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';

/** What the challenges of an alias's days are derived from: one row of `daily_challenge_keys`. */
@Entity('daily_challenge_keys')
export class DailyChallengeKeyEntity {
  @PrimaryColumn('integer', { name: 'alias_id', primaryKeyConstraintName: 'daily_challenge_keys_pkey' })
  aliasId: number;

  // By name: aliases are above this room.
  @ManyToOne('AliasEntity', { nullable: false, onDelete: 'CASCADE' })
  @JoinColumn({ name: 'alias_id', foreignKeyConstraintName: 'daily_challenge_keys_alias_id_fkey' })
  alias: unknown;

  /** 32 bytes, sealed with the context {@link dailyKeyContext}. */
  @Column('bytea')
  sealed: Buffer;

  @Column('timestamptz', { name: 'made_at' })
  madeAt: Date;
}

/** What the seal of a key is bound to. */
export const dailyKeyContext = (aliasId: number): string => `daily_challenge_keys/${aliasId}`;
