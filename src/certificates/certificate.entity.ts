import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';

const PRIMARY_KEY = 'certificates_pkey';

/** One row of `certificates` (hash-partitioned by serial number). Entities of rooms above are referred to by name. */
@Entity('certificates')
@Index('certificates_by_end_entity', ['endEntityId', 'issuedAt'])
@Index('certificates_by_public_key', ['publicKeyHash'])
@Index('certificates_by_issue', ['issuedAt', 'authorityId', 'serialNumber'])
@Index('certificates_revoked', ['generationId', 'serialNumber'], { where: 'revoked_at is not null' })
export class CertificateEntity {
  @PrimaryColumn('integer', { name: 'authority_id', primaryKeyConstraintName: PRIMARY_KEY })
  authorityId: number;

  /** Big-endian magnitude without leading zero octets. */
  @PrimaryColumn('bytea', { name: 'serial_number', primaryKeyConstraintName: PRIMARY_KEY })
  serialNumber: Buffer;

  @ManyToOne('AuthorityEntity', { nullable: false })
  @JoinColumn({ name: 'authority_id', foreignKeyConstraintName: 'certificates_authority_id_fkey' })
  authority: unknown;

  @Column('integer', { name: 'generation_id' })
  generationId: number;

  /** Null when the end entity is gone. */
  @Column('bigint', { name: 'end_entity_id', nullable: true })
  endEntityId: string | null;

  @ManyToOne('EndEntityEntity', { onDelete: 'SET NULL' })
  @JoinColumn({ name: 'end_entity_id', foreignKeyConstraintName: 'certificates_end_entity_id_fkey' })
  endEntity: unknown;

  /** User name, alias and certificate profile as they were called when it was issued. */
  @Column('text')
  username: string;

  @Column('text', { nullable: true })
  alias: string | null;

  /** The alias itself, whatever it is called by now; null where it was issued before this was kept. */
  @Column('integer', { name: 'alias_id', nullable: true })
  aliasId: number | null;

  @Column('text', { name: 'certificate_profile' })
  certificateProfile: string;

  /** The certificate template by which the alias chose the profile; null where it is the end entity's own. */
  @Column('text', { nullable: true })
  template: string | null;

  @Column('text')
  subject: string;

  /** DER. */
  @Column('bytea')
  certificate: Buffer;

  /** SHA-256 of the SubjectPublicKeyInfo. */
  @Column('bytea', { name: 'public_key_hash' })
  publicKeyHash: Buffer;

  /** SHA-256 of the certificate. */
  @Column('bytea')
  fingerprint: Buffer;

  @Column('timestamptz', { name: 'not_before' })
  notBefore: Date;

  @Column('timestamptz', { name: 'not_after' })
  notAfter: Date;

  /** In milliseconds' precision: the cursor of the list relies on it. */
  @Column('timestamptz', { name: 'issued_at' })
  issuedAt: Date;

  @Column('timestamptz', { name: 'revoked_at', nullable: true })
  revokedAt: Date | null;

  /** CRLReason number (RFC 5280 section 5.3.1). */
  @Column('smallint', { name: 'revocation_reason', nullable: true })
  revocationReason: number | null;
}
