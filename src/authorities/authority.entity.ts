import { Column, CreateDateColumn, Entity, PrimaryGeneratedColumn, Unique, UpdateDateColumn } from 'typeorm';

/** A certification authority. Its keys and certificates are its generations. */
@Entity('authorities')
@Unique('authorities_name_key', ['name'])
export class AuthorityEntity {
  @PrimaryGeneratedColumn('identity', {
    type: 'integer',
    generatedIdentity: 'ALWAYS',
    primaryKeyConstraintName: 'authorities_pkey',
  })
  id: number;

  @Column('text')
  name: string;

  @Column('text', { default: '' })
  description: string;

  /** What was set; what is absent has the default of `AuthoritySettings`. */
  @Column('jsonb', { default: {} })
  settings: object;

  @CreateDateColumn({ type: 'timestamptz', name: 'created_at' })
  createdAt: Date;

  @UpdateDateColumn({ type: 'timestamptz', name: 'updated_at' })
  updatedAt: Date;
}
