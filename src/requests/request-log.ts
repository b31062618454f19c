import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { withCustomPlans } from '../database/custom-plan';
import { DevicePool } from '../database/pg-pool';
import { requestRow, type RequestRecord } from './request-record';
import { RequestEntity } from './request.entity';

/** Which requests are asked for; what is absent does not restrict. */
export interface RequestFilter {
  readonly alias?: string;
  readonly outcome?: string;
  readonly transactionID?: string;
  readonly username?: string;
  /** Not before this moment. */
  readonly since?: Date;
  /** Before this moment. */
  readonly until?: Date;
}

/** The place of one request in the list. */
export interface RequestPosition {
  readonly receivedAt: Date;
  readonly id: string;
}

const APPEND = 'insert into requests select r.* from jsonb_populate_record(null::requests, $1::jsonb) r';

/** The request log: what came, what was decided, by which rule. */
@Injectable()
export class RequestLog {
  constructor(
    private readonly pool: DevicePool,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  /** Writes one record that no other statement writes along with its outcome. */
  async append(record: RequestRecord): Promise<void> {
    await this.pool.query({ name: 'request-append', text: APPEND, values: [JSON.stringify(requestRow(record))] });
  }

  /** At most `limit` requests, newest first, those behind `after` where it is given. */
  async list(filter: RequestFilter, limit: number, after?: RequestPosition): Promise<RequestEntity[]> {
    const query = this.dataSource.getRepository(RequestEntity).createQueryBuilder('request');
    const { alias, outcome, transactionID, username, since, until } = filter;
    if (alias !== undefined) query.andWhere('request.alias = :alias', { alias });
    if (outcome !== undefined) query.andWhere('request.outcome = :outcome', { outcome });
    if (transactionID !== undefined) query.andWhere('request.transaction_id = :transactionID', { transactionID });
    if (username !== undefined) query.andWhere('request.username = :username', { username });
    if (since !== undefined) query.andWhere('request.received_at >= :since', { since });
    if (until !== undefined) query.andWhere('request.received_at < :until', { until });
    if (after !== undefined) query.andWhere('(request.received_at, request.id) < (:receivedAt, :id)', { ...after });
    query.orderBy('request.received_at', 'DESC').addOrderBy('request.id', 'DESC').limit(limit);
    return withCustomPlans(this.dataSource, (runner) => query.setQueryRunner(runner).getMany());
  }
}
