import { AuditEventEntity } from '../../src/audit/audit-event.entity';
import { DevicePool } from '../../src/database/pg-pool';
import { EnrolmentFactsReader } from '../../src/enrolment/enrolment-facts.reader';
import { type TestDatabase, testDatabase } from '../support/test-database';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

test('what an administrator did is found without reading what the gateway did', async () => {
  const dataSource = await database.dataSource([AuditEventEntity]);
  await dataSource.query(`insert into audit_events
    select gen_random_uuid(), now() + i * interval '1 second', case when i % 1000 = 0 then 'alice' else 'gateway' end, 'a', 't', '{}'
    from generate_series(1, 5000) i`);
  await dataSource.query('analyze audit_events');
  const [sql, parameters] = dataSource
    .getRepository(AuditEventEntity)
    .createQueryBuilder('event')
    .where('event.actor = :actor', { actor: 'alice' })
    .orderBy('event.occurred_at', 'DESC')
    .addOrderBy('event.id', 'DESC')
    .limit(50)
    .getQueryAndParameters();
  const plan = await dataSource.query<{ 'QUERY PLAN': string }[]>(`explain ${sql}`, parameters);
  expect(plan.map((row) => row['QUERY PLAN']).join('\n')).toMatch(/audit_events_default_actor/);
});

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
