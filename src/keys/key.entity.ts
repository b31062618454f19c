import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';

/** A private key of an authority, sealed under the key-encryption key with the context `keys/<id>`. */
@Entity('keys')
export class KeyEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'keys_pkey' })
  id: string;

  /** One of the algorithms that are generated here, or for an imported key another of the same form (`RSA-1024`). */
  @Column('text')
  algorithm: string;

  /** SubjectPublicKeyInfo, DER. */
  @Column('bytea', { name: 'public_key' })
  publicKey: Buffer;

  /** Sealed PKCS #8 PrivateKeyInfo. */
  @Column('bytea', { name: 'sealed_private_key' })
  sealedPrivateKey: Buffer;

  @CreateDateColumn({ type: 'timestamptz', name: 'created_at' })
  createdAt: Date;
}
