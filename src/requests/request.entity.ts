import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

const PRIMARY_KEY = 'requests_pkey';

/** One row of the table `requests` (partitioned by `received_at`); see `RequestRecord` for the columns. */
@Entity('requests')
@Index('requests_by_transaction', ['transactionID', 'receivedAt'])
@Index('requests_by_username', ['username', 'receivedAt'])
export class RequestEntity {
  @PrimaryColumn('timestamptz', { name: 'received_at', primaryKeyConstraintName: PRIMARY_KEY })
  receivedAt: Date;

  @PrimaryColumn('uuid', { primaryKeyConstraintName: PRIMARY_KEY })
  id: string;

  @Column('text')
  alias: string;

  @Column('text')
  source: string;

  @Column('text')
  method: string;

  @Column('text', { name: 'message_type', nullable: true })
  messageType: string | null;

  @Column('text', { name: 'transaction_id', nullable: true })
  transactionID: string | null;

  @Column('text')
  outcome: string;

  @Column('smallint', { name: 'fail_info', nullable: true })
  failInfo: number | null;

  @Column('text', { name: 'error_code', nullable: true })
  errorCode: string | null;

  @Column('text', { nullable: true })
  rule: string | null;

  @Column('text', { nullable: true })
  explanation: string | null;

  @Column('text', { nullable: true })
  username: string | null;

  @Column('text', { nullable: true })
  subject: string | null;

  @Column('text', { nullable: true })
  authority: string | null;

  @Column('bytea', { name: 'serial_number', nullable: true })
  serialNumber: Buffer | null;

  @Column('jsonb')
  decoded: object;
}
