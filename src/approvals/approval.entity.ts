import { Check, Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { AliasEntity } from '../aliases/alias.entity';
import { AuthorityEntity } from '../authorities/authority.entity';
import { EndEntityEntity } from '../end-entities/end-entity.entity';
import type { ApprovalState } from './approval-state';
import type { RequestFingerprints } from './pending-request';

/** One row of `approvals`: a request that waits for an officer, or waited. */
@Entity('approvals')
@Check('approvals_state_check', `state in ('waiting', 'approved', 'rejected', 'expired')`)
@Check('approvals_check', `(state = 'waiting') = (decided_at is null)`)
@Index('approvals_waiting_content', ['contentHash'], { unique: true, where: `state = 'waiting'` })
@Index('approvals_due', ['expiresAt'], { where: `state = 'waiting'` })
@Index('approvals_by_creation', ['createdAt', 'id'])
@Index('approvals_by_state', ['state', 'createdAt', 'id'])
@Index('approvals_by_alias', ['aliasId', 'state'])
@Index('approvals_by_authority', ['authorityId'])
@Index('approvals_by_end_entity', ['endEntityId', 'state'])
@Index('approvals_by_username', ['username', 'createdAt', 'id'])
@Index('approvals_by_transaction', ['transactionID', 'createdAt', 'id'])
@Index('approvals_with_password', ['id'], { where: `state = 'approved' and sealed_challenge_password is not null` })
export class ApprovalEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'approvals_pkey' })
  id: string;

  @Column('text')
  state: ApprovalState;

  /** Null when the alias is gone; so with authority and end entity. */
  @Column('integer', { name: 'alias_id', nullable: true })
  aliasId: number | null;

  @ManyToOne(() => AliasEntity, { onDelete: 'SET NULL' })
  @JoinColumn({ name: 'alias_id', foreignKeyConstraintName: 'approvals_alias_id_fkey' })
  aliasOf: AliasEntity | null;

  /** Names of alias, authority and end entity as they were when the request came. */
  @Column('text')
  alias: string;

  @Column('integer', { name: 'authority_id', nullable: true })
  authorityId: number | null;

  @ManyToOne(() => AuthorityEntity, { onDelete: 'SET NULL' })
  @JoinColumn({ name: 'authority_id', foreignKeyConstraintName: 'approvals_authority_id_fkey' })
  authorityOf: AuthorityEntity | null;

  @Column('text')
  authority: string;

  /** The generation that the request was addressed to. */
  @Column('integer', { name: 'generation_id' })
  generationId: number;

  @Column('bigint', { name: 'end_entity_id', nullable: true })
  endEntityId: string | null;

  @ManyToOne(() => EndEntityEntity, { onDelete: 'SET NULL' })
  @JoinColumn({ name: 'end_entity_id', foreignKeyConstraintName: 'approvals_end_entity_id_fkey' })
  endEntity: EndEntityEntity | null;

  /** How often the end entity had been put back to NEW when the request came. */
  @Column('integer', { name: 'end_entity_epoch' })
  endEntityEpoch: number;

  @Column('text')
  username: string;

  /** Whether one of the end entity's allowed requests is set aside for it. */
  @Column('boolean')
  reserved: boolean;

  /** Number of the message type (RFC 8894 section 3.2.1.2). */
  @Column('smallint', { name: 'message_type' })
  messageType: number;

  /** Of the request that opened it. */
  @Column('text', { name: 'transaction_id' })
  transactionID: string;

  /** How many transactions wait for it: equal requests with other transactionIDs, or to another generation, join it. */
  @Column('integer')
  transactions: number;

  /** Address of the client. */
  @Column('text')
  source: string;

  /** Issuer and serial number of the certificate that is to be renewed; null for an enrolment. */
  @Column('integer', { name: 'renewed_authority_id', nullable: true })
  renewedAuthorityId: number | null;

  @Column('bytea', { name: 'renewed_serial_number', nullable: true })
  renewedSerialNumber: Buffer | null;

  /** What is asked for, see `contentHash`. */
  @Column('bytea', { name: 'content_hash' })
  contentHash: Buffer;

  /** SHA-256 of the very message that opened it. */
  @Column('bytea', { name: 'message_hash' })
  messageHash: Buffer;

  /** SHA-256 of the SubjectPublicKeyInfo of the key that signed the message: who may poll. */
  @Column('bytea', { name: 'signer_key_hash' })
  signerKeyHash: Buffer;

  /** DER of the PKCS #10 request without its challengePassword. */
  @Column('bytea', { name: 'certification_request' })
  certificationRequest: Buffer;

  /** Of the PKCS #10 request as it came. */
  @Column('jsonb')
  fingerprints: RequestFingerprints;

  /** Subject that is asked for. */
  @Column('text')
  subject: string;

  /** Bound to the row; null where the answer can be encrypted to the signer's key. See `ApprovalSecrets`. */
  @Column('bytea', { name: 'sealed_challenge_password', nullable: true })
  sealedChallengePassword: Buffer | null;

  /** In milliseconds' precision: the cursor of the list relies on it. */
  @Column('timestamptz', { name: 'created_at' })
  createdAt: Date;

  @Column('timestamptz', { name: 'expires_at' })
  expiresAt: Date;

  @Column('timestamptz', { name: 'decided_at', nullable: true })
  decidedAt: Date | null;

  /** Name of the administrator; `gateway` where it expired. */
  @Column('text', { name: 'decided_by', nullable: true })
  decidedBy: string | null;

  /** Why it was rejected. */
  @Column('text', { nullable: true })
  reason: string | null;

  /** Whether the device is told the reason, too; else administrators only. */
  @Column('boolean', { name: 'tell_device' })
  tellDevice: boolean;

  /** Of the certificate that was issued: big-endian magnitude. */
  @Column('bytea', { name: 'serial_number', nullable: true })
  serialNumber: Buffer | null;
}
