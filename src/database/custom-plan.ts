import type { DataSource, QueryRunner } from 'typeorm';

/**
 * Runs the reading `work` with statements that are planned for their very parameters. Those of devices are planned once per
 * connection whatever their parameters (`data-source.ts`); but whether an index helps a list depends on what is asked for:
 * one status is had by nearly all end entities, another by none.
 */
export function withCustomPlans<T>(dataSource: DataSource, work: (runner: QueryRunner) => Promise<T>): Promise<T> {
  return dataSource.transaction(async ({ queryRunner }) => {
    if (queryRunner === undefined) throw new Error('a transaction has its connection');
    await queryRunner.query('set local plan_cache_mode = force_custom_plan');
    return work(queryRunner);
  });
}
