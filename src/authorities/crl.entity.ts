import { Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import { AuthorityGenerationEntity } from './authority-generation.entity';

const PRIMARY_KEY = 'crls_pkey';

/** A CRL. The newest of each generation is served; the one before it is kept for those who are still reading it. */
@Entity('crls')
export class CrlEntity {
  @ForeignKey(() => AuthorityGenerationEntity, { name: 'crls_generation_id_fkey', onDelete: 'CASCADE' })
  @PrimaryColumn('integer', { name: 'generation_id', primaryKeyConstraintName: PRIMARY_KEY })
  generationId: number;

  /** cRLNumber, decimal. */
  @PrimaryColumn('bigint', { primaryKeyConstraintName: PRIMARY_KEY })
  number: string;

  /** Which state of `revocation_revisions` it shows, decimal. */
  @Column('bigint')
  revision: string;

  @Column('timestamptz', { name: 'this_update' })
  thisUpdate: Date;

  @Column('timestamptz', { name: 'next_update' })
  nextUpdate: Date;

  /** Number of entries. */
  @Column('integer')
  entries: number;

  /** DER. */
  @Column('bytea')
  crl: Buffer;
}
