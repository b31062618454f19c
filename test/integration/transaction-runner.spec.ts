import type { DataSource } from 'typeorm';
import { TransactionRunner } from '../../src/database/transaction-runner';
import { type TestDatabase, testDatabase } from '../support/test-database';

let database: TestDatabase;
let dataSource: DataSource;

beforeAll(async () => {
  database = await testDatabase();
  dataSource = await database.dataSource();
  await dataSource.query('create table tries (number integer)');
});

afterAll(() => database.close());

const fail = (sqlState: string) => `do $$ begin raise exception 'staged' using errcode = '${sqlState}'; end $$`;

it('does the work again that was the victim of a deadlock, and only then', async () => {
  const runner = new TransactionRunner(dataSource);
  let tries = 0;
  await runner.inTransaction(async (manager) => {
    tries += 1;
    await manager.query('insert into tries values ($1)', [tries]);
    if (tries < 3) await manager.query(fail('40P01'));
  });
  expect(await dataSource.query('select number from tries')).toEqual([{ number: 3 }]);

  tries = 0;
  const refused = runner.inTransaction(async (manager) => {
    tries += 1;
    await manager.query(fail('23505'));
  });
  await expect(refused).rejects.toMatchObject({ code: '23505' });
  expect(tries).toBe(1);
});

it('gives up when there is no end to it', async () => {
  let tries = 0;
  const hopeless = new TransactionRunner(dataSource).inTransaction(async (manager) => {
    tries += 1;
    await manager.query(fail('40P01'));
  });
  await expect(hopeless).rejects.toMatchObject({ code: '40P01' });
  expect(tries).toBeGreaterThan(1);
  expect(tries).toBeLessThan(10);
});
