import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { ServiceError } from '../common/service-error';
import { DevicePool } from '../database/pg-pool';
import type { ApprovalState } from './approval-state';
import { ApprovalEntity } from './approval.entity';

/** Which approvals are asked for; what is absent does not restrict. */
export interface ApprovalFilter {
  readonly state?: ApprovalState | undefined;
  /** Name that the alias had. */
  readonly alias?: string | undefined;
  readonly username?: string | undefined;
  readonly transactionID?: string | undefined;
  /** What has waited until then is listed as expired, whether or not somebody has written that down. */
  readonly now: Date;
}

/** The place of one approval in the list. */
export interface ApprovalPosition {
  readonly createdAt: Date;
  readonly id: string;
}

/** A request of an end entity that waits. */
export interface WaitingRequest {
  readonly id: string;
  readonly contentHash: Buffer;
  readonly expiresAt: Date;
  readonly transactions: number;
}

const WAITING = `select id, content_hash as "contentHash", expires_at as "expiresAt", transactions from approvals
  where end_entity_id = $1 and state = 'waiting' and end_entity_epoch = $2`;

/** Reads approvals. */
@Injectable()
export class ApprovalRepository {
  constructor(
    private readonly pool: DevicePool,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  /** At most `limit` approvals, newest first, those behind `after` where it is given. */
  list(filter: ApprovalFilter, limit: number, after?: ApprovalPosition): Promise<ApprovalEntity[]> {
    const query = this.dataSource.getRepository(ApprovalEntity).createQueryBuilder('approval');
    const { state, alias, username, transactionID, now } = filter;
    if (state === 'waiting') query.andWhere(`approval.state = 'waiting' and approval.expires_at > :now`, { now });
    else if (state === 'expired')
      query.andWhere(`(approval.state = 'expired' or (approval.state = 'waiting' and approval.expires_at <= :now))`, {
        now,
      });
    else if (state !== undefined) query.andWhere('approval.state = :state', { state });
    if (alias !== undefined) query.andWhere('approval.alias = :alias', { alias });
    if (username !== undefined) query.andWhere('approval.username = :username', { username });
    if (transactionID !== undefined) query.andWhere('approval.transaction_id = :transactionID', { transactionID });
    if (after !== undefined) query.andWhere('(approval.created_at, approval.id) < (:createdAt, :id)', { ...after });
    return query.orderBy('approval.created_at', 'DESC').addOrderBy('approval.id', 'DESC').limit(limit).getMany();
  }

  /** The approval with this id (UUID); throws ServiceError `not-found`. */
  async get(id: string): Promise<ApprovalEntity> {
    const found = await this.dataSource.getRepository(ApprovalEntity).findOneBy({ id });
    if (found === null) throw noSuchApproval();
    return found;
  }

  /** What of an end entity waits since it was last put to NEW, whether or not its time is over. */
  async waitingOf(endEntityId: string, epoch: number): Promise<readonly WaitingRequest[]> {
    const { rows } = await this.pool.query<WaitingRequest & Record<string, unknown>>({
      name: 'approvals-waiting',
      text: WAITING,
      values: [endEntityId, epoch],
    });
    return rows;
  }
}

/** The error for an id that no approval has. */
export function noSuchApproval(): ServiceError {
  return new ServiceError('not-found', 'there is no approval of that id');
}
