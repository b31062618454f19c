import { Column, PrimaryGeneratedColumn } from 'typeorm';

/** What both kinds of profile are stored as. */
export abstract class ProfileEntity {
  // The tables differ in the names of their keys, so each subclass declares its own primary key.
  abstract id: number;

  @Column('text')
  name: string;

  /** What was given; what is absent has its default. */
  @Column('jsonb', { default: {} })
  settings: object;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt: Date;

  @Column('timestamptz', { name: 'updated_at', default: () => 'now()' })
  updatedAt: Date;
}

/** The id of a row, given by the database. */
export function IdentityColumn(type: 'integer' | 'bigint', primaryKeyConstraintName: string): PropertyDecorator {
  return PrimaryGeneratedColumn('identity', { type, generatedIdentity: 'ALWAYS', primaryKeyConstraintName });
}
