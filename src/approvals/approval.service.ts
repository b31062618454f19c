import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { AuditEntry } from '../audit/audit-log';
import { AuditedChange } from '../audit/audited-change';
import { REVOCATION_REASONS } from '../certificates/revocation-reason';
import { CLOCK, type Clock } from '../common/clock';
import { ServiceError } from '../common/service-error';
import { TransactionRunner } from '../database/transaction-runner';
import { AuditLog } from '../audit/audit-log';
import { EndEntityStatus } from '../end-entities/end-entity-status';
import { EndEntityEntity } from '../end-entities/end-entity.entity';
import { noSuchApproval } from './approval.repository';
import { ApprovalEntity } from './approval.entity';

/** An officer's no. */
export interface Rejection {
  readonly reason: string;
  /** Whether the device is told the reason: what it is told can be read by everybody on its way. */
  readonly tellDevice: boolean;
}

/** How many approvals expire in one transaction, so that none holds its locks for long. */
const BATCH = 100;

const FORGET_PASSWORDS = `
update approvals a set sealed_challenge_password = null
where a.state = 'approved' and a.sealed_challenge_password is not null and not exists (
  select from certificates c join end_entities e on e.id = c.end_entity_id
  where c.authority_id = a.authority_id and c.serial_number = a.serial_number and c.not_after > $1
    and (c.revoked_at is null or c.revocation_reason = ${REVOCATION_REASONS.certificateHold})
    and e.epoch = a.end_entity_epoch)`;

/** What ends without a certificate. The yes is the enrolment's, for it issues. */
@Injectable()
export class ApprovalService {
  constructor(
    private readonly auditedChange: AuditedChange,
    private readonly transactions: TransactionRunner,
    private readonly auditLog: AuditLog,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Rejects a request that waits; what was set aside for it is given back, so that its device may ask anew.
   * @throws ServiceError `not-found`, or `conflict` where it does not wait any more
   */
  reject(actor: string, id: string, { reason, tellDevice }: Rejection): Promise<ApprovalEntity> {
    return this.auditedChange.make(async (manager, record) => {
      const now = this.clock.now();
      const row = await locked(manager, id);
      if (row === null) throw noSuchApproval();
      if (row.state !== 'waiting' || row.expiresAt <= now) throw alreadyDecided(row);
      const closed = await close(manager, row, { state: 'rejected', decidedBy: actor, reason, tellDevice }, now);
      await record(entry(actor, 'reject', closed, { reason, tellDevice }));
      return closed;
    });
  }

  /** Ends what has waited for too long. Safe if two do it at once. */
  async expireDue(): Promise<void> {
    for (;;) {
      const now = this.clock.now();
      const due = await this.transactions.inTransaction(async (manager) => {
        const rows = await manager
          .getRepository(ApprovalEntity)
          .createQueryBuilder('approval')
          .setLock('pessimistic_write')
          .setOnLocked('skip_locked')
          .where(`approval.state = 'waiting' and approval.expires_at <= :now`, { now })
          .orderBy('approval.expires_at')
          .limit(BATCH)
          .getMany();
        for (const row of rows) await this.expireOne(manager, row, now);
        return rows.length;
      });
      if (due < BATCH) return;
    }
  }

  /**
   * Forgets the challengePassword of requests that were granted, once no poll gets their certificate any more: it is
   * revoked or has expired, or its end entity was put back to NEW or is gone. One on hold may come back.
   */
  async forgetPasswords(): Promise<void> {
    await this.transactions.inTransaction((manager) => manager.query(FORGET_PASSWORDS, [this.clock.now()]));
  }

  /** Ends one request whose time is over, unless somebody else has done so. */
  async expire(id: string): Promise<void> {
    const now = this.clock.now();
    await this.transactions.inTransaction(async (manager) => {
      const row = await locked(manager, id);
      if (row?.state === 'waiting' && row.expiresAt <= now) await this.expireOne(manager, row, now);
    });
  }

  private async expireOne(manager: EntityManager, row: ApprovalEntity, now: Date): Promise<void> {
    const closed = await close(manager, row, { state: 'expired', decidedBy: 'gateway' }, now);
    await this.auditLog.append(manager, entry('gateway', 'expire', closed, {}));
  }
}

const locked = (manager: EntityManager, id: string): Promise<ApprovalEntity | null> =>
  manager.findOne(ApprovalEntity, { where: { id }, lock: { mode: 'pessimistic_write' } });

/** The error for a decision that comes too late. */
export function alreadyDecided({ state, decidedBy, decidedAt, expiresAt }: ApprovalEntity): ServiceError {
  const detail =
    decidedAt === null
      ? `the request has expired at ${expiresAt.toISOString()}: its device has to ask again`
      : `the request is ${state} already, by ${decidedBy ?? 'nobody'} at ${decidedAt.toISOString()}`;
  return new ServiceError('conflict', detail, { rule: 'approval.state' });
}

type Closing = Pick<ApprovalEntity, 'decidedBy'> &
  Partial<Pick<ApprovalEntity, 'reason' | 'tellDevice'>> & { readonly state: 'rejected' | 'expired' };

/**
 * Ends a request without a certificate. The end entity gets back what was set aside, unless it was put to NEW since, which
 * has given it everything back.
 */
async function close(
  manager: EntityManager,
  row: ApprovalEntity,
  closing: Closing,
  now: Date,
): Promise<ApprovalEntity> {
  const changes = { ...closing, decidedAt: now, sealedChallengePassword: null };
  await manager.update(ApprovalEntity, { id: row.id }, changes);
  if (row.endEntityId !== null)
    await manager
      .createQueryBuilder()
      .update(EndEntityEntity)
      .set({
        openApprovals: () => 'open_approvals - 1',
        remainingRequests: () =>
          row.reserved ? 'least(remaining_requests + 1, allowed_requests)' : 'remaining_requests',
        // FAILED is EJBCA's word for what was begun and went wrong, and may be tried again. Where no allowed request is left
        // another one than this has had its certificate meanwhile.
        status: () =>
          `case when status <> ${EndEntityStatus.INPROCESS} or open_approvals > 1 then status
            when ${String(row.reserved)} or remaining_requests > 0 then ${EndEntityStatus.FAILED}
            else ${EndEntityStatus.GENERATED} end`,
        updatedAt: now,
      })
      .where('id = :id and epoch = :epoch', { id: row.endEntityId, epoch: row.endEntityEpoch })
      .execute();
  return Object.assign(row, changes);
}

/** The audit event of a decision. */
export const entry = (
  actor: string,
  verb: string,
  row: ApprovalEntity,
  details: Readonly<Record<string, unknown>>,
): AuditEntry => ({
  actor,
  action: `approval.${verb}`,
  target: `approvals/${row.id}`,
  details: { endEntity: row.username, alias: row.alias, transactionID: row.transactionID, ...details },
});
