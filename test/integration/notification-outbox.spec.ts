import type { DataSource } from 'typeorm';
import { ENTITIES } from '../../src/app.module';
import { NotificationOutbox } from '../../src/notifications/notification-outbox';
import { type TestDatabase, testDatabase } from '../support/test-database';

let database: TestDatabase;
let dataSource: DataSource;
let outbox: NotificationOutbox;

beforeAll(async () => {
  database = await testDatabase();
  dataSource = await database.dataSource(ENTITIES, 2);
  outbox = new NotificationOutbox(dataSource);
  await dataSource.query(`insert into aliases (name) values ('dead-1'), ('dead-2'), ('alive')`);
});
afterAll(() => database.close());

const NOW = new Date('2026-01-01T12:00:00Z');

const wait = (aliasId: number, count: number): Promise<unknown> =>
  dataSource.query(
    `insert into notifications (key, alias_id, event, details, created_at, next_attempt_at)
    select gen_random_uuid(), $1, 'refused', '{}', $3, $3 from generate_series(1, $2::integer)`,
    [aliasId, count, NOW],
  );

it('the aliases take turns, however much the first of them have to tell', async () => {
  await wait(1, 20);
  await wait(2, 20);
  await wait(3, 2);
  const aliases = (due: readonly { readonly aliasId: number }[]) => due.map(({ aliasId }) => aliasId);
  expect(aliases(await outbox.due(NOW, 8, []))).toEqual([1, 2, 3, 1, 2, 3, 1, 2]);
  expect(aliases(await outbox.due(NOW, 2, [1, 2]))).toEqual([3, 3]);
});

it('what is as old as is given up is forgotten of one alias at once', async () => {
  const { manager } = dataSource;
  const before = await dataSource.query<unknown[]>('select from notifications where alias_id = 1');
  expect(await outbox.forgetOld(1, new Date(NOW.getTime() - 1), manager)).toBe(0);
  expect(await outbox.forgetOld(1, NOW, manager)).toBe(before.length);
  expect(await dataSource.query<unknown[]>('select from notifications where alias_id = 2')).not.toEqual([]);
});
