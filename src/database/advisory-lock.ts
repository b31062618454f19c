import { Inject, Injectable } from '@nestjs/common';
import { getDataSourceToken } from '@nestjs/typeorm';
import type { DataSource, QueryRunner } from 'typeorm';

/** What {@link AdvisoryLock.tryLock} found. */
export type TryLockResult<T> = { readonly acquired: false } | { readonly acquired: true; readonly value: T };

/**
 * Runs `work` while no other session on this database holds the lock `name`, waiting for it as long as it takes. The
 * lock lives on a connection of its own: if that is lost, PostgreSQL frees the lock while `work` may still run, so work
 * under a lock must be safe, if wasteful, when done by two at once.
 *
 * @param work may use the lock's connection: one that waits for another can wait for ever where the pool is small
 */
export async function holdingAdvisoryLock<T>(
  dataSource: DataSource,
  name: string,
  work: (runner: QueryRunner) => Promise<T>,
): Promise<T> {
  return onOwnConnection(dataSource, async (runner) => {
    // A transaction only to bound the setting: waiting is no hanging statement. The lock outlives it.
    await runner.startTransaction();
    try {
      await runner.query('set local statement_timeout = 0');
      await runner.query('select pg_advisory_lock(hashtextextended($1, 0))', [name]);
      await runner.commitTransaction();
    } catch (error) {
      await runner.rollbackTransaction().catch(() => undefined);
      throw error;
    }
    return releasing(runner, name, work);
  });
}

/** Runs `work` if nobody holds the lock `name`, and returns at once if somebody does. */
export async function ifAdvisoryLockIsFree<T>(
  dataSource: DataSource,
  name: string,
  work: () => Promise<T>,
): Promise<TryLockResult<T>> {
  return onOwnConnection(dataSource, async (runner): Promise<TryLockResult<T>> => {
    const sql = 'select pg_try_advisory_lock(hashtextextended($1, 0)) as acquired';
    const [row] = (await runner.query(sql, [name])) as { acquired: boolean }[];
    if (row?.acquired !== true) return { acquired: false };
    return { acquired: true, value: await releasing(runner, name, work) };
  });
}

async function onOwnConnection<T>(dataSource: DataSource, use: (runner: QueryRunner) => Promise<T>): Promise<T> {
  const runner = dataSource.createQueryRunner();
  try {
    return await use(runner);
  } finally {
    await runner.release();
  }
}

async function releasing<T>(runner: QueryRunner, name: string, work: (runner: QueryRunner) => Promise<T>): Promise<T> {
  try {
    return await work(runner);
  } finally {
    // If the connection is gone so is the lock, and the outcome of the work is what counts.
    await runner.query('select pg_advisory_unlock(hashtextextended($1, 0))', [name]).catch(() => undefined);
  }
}

/** Locks that all gateways on one database share. */
@Injectable()
export class AdvisoryLock {
  /** @param dataSource the database whose sessions exclude each other */
  constructor(@Inject(getDataSourceToken()) private readonly dataSource: DataSource) {}

  /** As {@link holdingAdvisoryLock}. */
  withLock<T>(name: string, work: (runner: QueryRunner) => Promise<T>): Promise<T> {
    return holdingAdvisoryLock(this.dataSource, name, work);
  }

  /** As {@link ifAdvisoryLockIsFree}: for timed work, which one gateway does while the others skip it. */
  tryLock<T>(name: string, work: () => Promise<T>): Promise<TryLockResult<T>> {
    return ifAdvisoryLockIsFree(this.dataSource, name, work);
  }
}
