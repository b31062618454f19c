import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import { CLOCK, type Clock } from '../common/clock';
import type { Job } from './job';

const DAY_MS = 86_400_000;

/** The logs that are partitioned by time, and the column that decides. */
const LOGS = [
  { table: 'requests', column: 'received_at' },
  { table: 'audit_events', column: 'occurred_at' },
] as const;

/** This month and the two that follow: a gateway that is down for weeks still has a place for what comes then. */
const MONTHS = [0, 1, 2];

/**
 * Makes the monthly partitions of the logs ahead of time, so that old months can be dropped as a whole. What comes for a
 * month without a partition goes into the default one and is not lost; that month then stays there.
 */
@Injectable()
export class LogPartitionJob implements Job {
  readonly name = 'log-partitions';
  readonly everyMs = DAY_MS;

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async run(): Promise<void> {
    const now = this.clock.now();
    for (const log of LOGS)
      for (const offset of MONTHS) {
        const from = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + offset, 1));
        const to = new Date(Date.UTC(from.getUTCFullYear(), from.getUTCMonth() + 1, 1));
        await this.dataSource.transaction((manager) => createPartition(manager, log, from, to));
      }
  }
}

async function createPartition(
  manager: EntityManager,
  { table, column }: (typeof LOGS)[number],
  from: Date,
  to: Date,
): Promise<void> {
  const partition = `${table}_${from.toISOString().slice(0, 7).replace('-', '_')}`;
  const [state] = await manager.query<{ exists: boolean; taken: boolean }[]>(
    `select to_regclass($1) is not null as exists,
      exists (select from ${table}_default where ${column} >= $2 and ${column} < $3) as taken`,
    [partition, from, to],
  );
  if (state === undefined || state.exists || state.taken) return;
  // Making it shuts out writers for a moment; it may not queue behind a long reader and keep them waiting meanwhile.
  await manager.query("set local lock_timeout = '2s'");
  await manager.query(
    `create table if not exists ${partition} partition of ${table}
      for values from ('${from.toISOString()}') to ('${to.toISOString()}')`,
  );
}
