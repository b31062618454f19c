import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

const PRIMARY_KEY = 'superseded_certificates_pkey';

/** A certificate that is to be revoked because newer ones have taken its place: one row of `superseded_certificates`. */
@Entity('superseded_certificates')
@Index('superseded_certificates_by_time', ['dueAt'])
export class SupersededCertificateEntity {
  @PrimaryColumn('integer', { name: 'authority_id', primaryKeyConstraintName: PRIMARY_KEY })
  authorityId: number;

  @PrimaryColumn('bytea', { name: 'serial_number', primaryKeyConstraintName: PRIMARY_KEY })
  serialNumber: Buffer;

  @Column('timestamptz', { name: 'due_at' })
  dueAt: Date;
}
