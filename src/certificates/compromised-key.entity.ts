import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A key of which a certificate was revoked for keyCompromise: one row of `compromised_keys`. Nobody gets another one for it. */
@Entity('compromised_keys')
export class CompromisedKeyEntity {
  /** SHA-256 of the SubjectPublicKeyInfo. */
  @PrimaryColumn('bytea', { name: 'public_key_hash', primaryKeyConstraintName: 'compromised_keys_pkey' })
  publicKeyHash: Buffer;

  @Column('timestamptz', { name: 'known_since' })
  knownSince: Date;
}
