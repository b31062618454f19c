import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';

const PRIMARY_KEY = 'unreleased_certificates_pkey';

/** One row of `unreleased_certificates`: a certificate that a foreign service has not accepted yet, or never will. */
@Entity('unreleased_certificates')
@Check('unreleased_certificates_check', '(withdrawn_at is null) = (sealed_request is not null)')
@Index('unreleased_certificates_due', ['nextAttemptAt'], { where: 'withdrawn_at is null' })
export class UnreleasedCertificateEntity {
  @PrimaryColumn('integer', { name: 'authority_id', primaryKeyConstraintName: PRIMARY_KEY })
  authorityId: number;

  /** Big-endian magnitude without leading zero octets. */
  @PrimaryColumn('bytea', { name: 'serial_number', primaryKeyConstraintName: PRIMARY_KEY })
  serialNumber: Buffer;

  @Column('bytea', { name: 'ledger_key' })
  ledgerKey: Buffer;

  @Column('integer', { name: 'alias_id' })
  aliasId: number;

  /** Of the challenge. */
  @Column('text')
  kind: string;

  @Column('text', { name: 'transaction_id' })
  transactionID: string;

  /** The PKCS #10 request with its challengePassword; null once it is of no use any more. */
  @Column('bytea', { name: 'sealed_request', nullable: true })
  sealedRequest: Buffer | null;

  @Column('timestamptz', { name: 'issued_at' })
  issuedAt: Date;

  /** How often the job has tried in vain. */
  @Column('integer', { default: 0 })
  attempts: number;

  @Column('timestamptz', { name: 'next_attempt_at' })
  nextAttemptAt: Date;

  /** Why the last attempt failed, for the administrator. */
  @Column('text', { name: 'last_failure', nullable: true })
  lastFailure: string | null;

  /** When it was revoked before anybody got it. */
  @Column('timestamptz', { name: 'withdrawn_at', nullable: true })
  withdrawnAt: Date | null;
}
