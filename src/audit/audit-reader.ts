import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { withCustomPlans } from '../database/custom-plan';
import { AuditEventEntity } from './audit-event.entity';

/** Which events are asked for; what is absent does not restrict. */
export interface AuditFilter {
  readonly actor?: string;
  readonly action?: string;
  readonly target?: string;
  /** Not before this moment. */
  readonly since?: Date;
  /** Before this moment. */
  readonly until?: Date;
}

/** The place of one event in the list. */
export interface AuditPosition {
  readonly occurredAt: Date;
  readonly id: string;
}

/** Reads the audit log. */
@Injectable()
export class AuditReader {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /** At most `limit` events, newest first, those behind `after` where it is given. */
  async list(filter: AuditFilter, limit: number, after?: AuditPosition): Promise<AuditEventEntity[]> {
    const query = this.dataSource.getRepository(AuditEventEntity).createQueryBuilder('event');
    if (filter.actor !== undefined) query.andWhere('event.actor = :actor', { actor: filter.actor });
    if (filter.action !== undefined) query.andWhere('event.action = :action', { action: filter.action });
    if (filter.target !== undefined) query.andWhere('event.target = :target', { target: filter.target });
    if (filter.since !== undefined) query.andWhere('event.occurred_at >= :since', { since: filter.since });
    if (filter.until !== undefined) query.andWhere('event.occurred_at < :until', { until: filter.until });
    if (after !== undefined) query.andWhere('(event.occurred_at, event.id) < (:occurredAt, :id)', { ...after });
    query.orderBy('event.occurred_at', 'DESC').addOrderBy('event.id', 'DESC').limit(limit);
    return withCustomPlans(this.dataSource, (runner) => query.setQueryRunner(runner).getMany());
  }
}
