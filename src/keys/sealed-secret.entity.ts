import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';

/** A secret that must be read again, sealed under the key-encryption key with the context `sealed_secrets/<name>`. */
@Entity('sealed_secrets')
export class SealedSecretEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'sealed_secrets_pkey' })
  name: string;

  @Column('bytea')
  sealed: Buffer;

  @CreateDateColumn({ type: 'timestamptz', name: 'created_at' })
  createdAt: Date;
}
