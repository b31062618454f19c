import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import { AuditedChange } from '../audit/audited-change';
import { CLOCK, type Clock } from '../common/clock';
import { ServiceError } from '../common/service-error';
import { AliasFailedAttemptEntity } from './alias-registration.entity';
import { AliasEntity } from './alias.entity';

/** Wrong challenges of one source at an alias, for which no end entity can be blamed. */
export interface FailedSource {
  /** Address of the client, or the network of an IPv6 address. */
  readonly source: string;
  readonly failures: number;
  readonly lastFailureAt: Date;
  /** Until when it is refused; null: it is not. */
  readonly lockedUntil: Date | null;
}

/** Who guesses at the challenges of an alias, and how an administrator lets them in again. */
@Injectable()
export class SourceLockouts {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly auditedChange: AuditedChange,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * At most `limit` sources in the order of their text, those behind `after` where it is given.
   * @throws ServiceError `not-found`
   */
  async list(alias: string, limit: number, after?: string): Promise<FailedSource[]> {
    const aliasId = await idOf(this.dataSource.manager, alias);
    const query = this.dataSource
      .getRepository(AliasFailedAttemptEntity)
      .createQueryBuilder('failure')
      .where('failure.alias_id = :aliasId', { aliasId });
    if (after !== undefined) query.andWhere('failure.source collate "C" > :after', { after });
    const rows = await query.orderBy('failure.source collate "C"').limit(limit).getMany();
    const now = this.clock.now();
    return rows.map(({ source, failures, lastFailureAt, lockedUntil }) => ({
      source,
      failures,
      lastFailureAt,
      // What is over refuses nobody.
      lockedUntil: lockedUntil !== null && lockedUntil > now ? lockedUntil : null,
    }));
  }

  /**
   * Forgets the wrong challenges of a source, or of all.
   * @throws ServiceError `not-found` for an alias that there is not
   */
  unlock(actor: string, alias: string, source?: string): Promise<void> {
    return this.auditedChange.make(async (manager, record) => {
      const aliasId = await idOf(manager, alias);
      await manager.delete(AliasFailedAttemptEntity, { aliasId, ...(source === undefined ? {} : { source }) });
      await record({
        actor,
        action: 'alias.unlock',
        target: `aliases/${alias}`,
        details: { source: source ?? 'all' },
      });
    });
  }
}

async function idOf(manager: EntityManager, name: string): Promise<number> {
  const row = await manager.findOne(AliasEntity, { where: { name }, select: { id: true } });
  if (row === null) throw new ServiceError('not-found', 'there is no alias of that name');
  return row.id;
}
