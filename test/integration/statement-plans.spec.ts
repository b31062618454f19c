import { DevicePool } from '../../src/database/pg-pool';
import { EnrolmentFactsReader } from '../../src/enrolment/enrolment-facts.reader';
import { type TestDatabase, testDatabase } from '../support/test-database';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

test('the reading statements of enrolments and renewals are planned once per connection, not once per request', async () => {
  // One connection, so that the session's own view tells of all of them.
  const dataSource = await database.dataSource([], 1);
  const pool = new DevicePool(dataSource);
  const reader = new EnrolmentFactsReader(pool, { observe: () => undefined } as never);
  for (let enrolment = 0; enrolment < 10; enrolment++)
    await Promise.all([
      reader.read('router-1', '192.0.2.1', Buffer.alloc(32, enrolment)),
      reader.readRenewal(1, Buffer.of(1, enrolment), '192.0.2.1', Buffer.alloc(32, enrolment)),
    ]);
  const statistics = await dataSource.query(
    `select generic_plans::int, custom_plans::int from pg_prepared_statements 
      where name in ('enrolment-facts', 'renewal-facts')`,
  );
  expect(statistics).toEqual([
    { generic_plans: 10, custom_plans: 0 },
    { generic_plans: 10, custom_plans: 0 },
  ]);
});
