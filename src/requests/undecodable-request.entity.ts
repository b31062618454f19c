import { Column, Entity, PrimaryColumn } from 'typeorm';

const PRIMARY_KEY = 'undecodable_requests_pkey';

/** How often something came to an alias on a day that could not be decoded, by cause: one row of `undecodable_requests`. */
@Entity('undecodable_requests')
export class UndecodableRequestEntity {
  /** UTC day, as `2026-01-31`. */
  @PrimaryColumn('date', { primaryKeyConstraintName: PRIMARY_KEY })
  day: string;

  @PrimaryColumn('text', { primaryKeyConstraintName: PRIMARY_KEY })
  alias: string;

  @PrimaryColumn('text', { primaryKeyConstraintName: PRIMARY_KEY })
  cause: string;

  /** A bigint, hence text. */
  @Column('bigint')
  occurrences: string;

  /** Address of the last client. */
  @Column('text', { name: 'last_source' })
  lastSource: string;

  @Column('timestamptz', { name: 'last_at' })
  lastAt: Date;
}
