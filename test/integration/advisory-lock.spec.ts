import type { DataSource } from 'typeorm';
import { AdvisoryLock } from '../../src/database/advisory-lock';
import { testDatabase } from '../support/test-database';
import type { TestDatabase } from '../support/test-database';

describe('AdvisoryLock', () => {
  let database: TestDatabase;
  let first: AdvisoryLock;
  let second: AdvisoryLock;
  let dataSource: DataSource;

  beforeAll(async () => {
    database = await testDatabase({ empty: true });
    dataSource = await database.dataSource();
    first = new AdvisoryLock(dataSource);
    second = new AdvisoryLock(await database.dataSource());
  });

  afterAll(async () => {
    await database.close();
  });

  it('lets one at a time do the work', async () => {
    const order: string[] = [];
    const work = (name: string) => async () => {
      order.push(`${name} begins`);
      await dataSource.query('select pg_sleep(0.02)');
      order.push(`${name} ends`);
    };
    await Promise.all([first.withLock('work', work('a')), second.withLock('work', work('b'))]);
    const [winner, loser] = order[0] === 'a begins' ? ['a', 'b'] : ['b', 'a'];
    expect(order).toEqual([`${winner} begins`, `${winner} ends`, `${loser} begins`, `${loser} ends`]);
  });

  it('lets others skip what is being done, and frees the lock after a failure', async () => {
    const failing = first.withLock('work', async () => {
      expect(await second.tryLock('work', () => Promise.resolve('never'))).toEqual({ acquired: false });
      expect(await second.tryLock('other work', () => Promise.resolve('done'))).toEqual({
        acquired: true,
        value: 'done',
      });
      throw new Error('the work failed');
    });
    await expect(failing).rejects.toThrow('the work failed');
    expect(await second.tryLock('work', () => Promise.resolve('done'))).toEqual({ acquired: true, value: 'done' });
  });

  it('leaves the time limit of statements as it was', async () => {
    await first.withLock('work', () => Promise.resolve());
    const limits = await Promise.all(
      [1, 2, 3, 4].map(() => dataSource.query<{ statement_timeout: string }[]>('show statement_timeout')),
    );
    expect(limits.flat().map((row) => row.statement_timeout)).toEqual(['30s', '30s', '30s', '30s']);
  });
});
