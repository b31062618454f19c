import { AuditEventEntity } from '../../src/audit/audit-event.entity';
import { AuditReader } from '../../src/audit/audit-reader';
import { DevicePool } from '../../src/database/pg-pool';
import { EnrolmentFactsReader } from '../../src/enrolment/enrolment-facts.reader';
import { PollFactsReader, READ_POLL } from '../../src/enrolment/poll-facts.reader';
import { type TestDatabase, testDatabase } from '../support/test-database';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

test('what an administrator did is found without reading what the gateway did', async () => {
  // One connection, whose counters can be asked for at once.
  const dataSource = await database.dataSource([AuditEventEntity], 1);
  await dataSource.query(`insert into audit_events
    select gen_random_uuid(), now() + i * interval '1 second', case when i % 1000 = 0 then 'alice' else 'gateway' end, 'a', 't', '{}'
    from generate_series(1, 5000) i`);
  await dataSource.query('analyze audit_events');
  const found = await new AuditReader(dataSource).list({ actor: 'alice' }, 50);
  expect(found).toHaveLength(5);
  await dataSource.query('select pg_stat_force_next_flush()');
  const scans = await dataSource.query(
    `select indexrelname as index, idx_scan::int as scans, idx_tup_read::int as read from pg_stat_user_indexes
      where relname = 'audit_events_default' and idx_scan > 0`,
  );
  expect(scans).toEqual([{ index: 'audit_events_default_actor_occurred_at_id_idx', scans: 1, read: 5 }]);
});

test('the reading statements of enrolments, renewals and polls are planned once per connection, not once per request', async () => {
  // One connection, so that the session's own view tells of all of them.
  const dataSource = await database.dataSource([], 1);
  const pool = new DevicePool(dataSource);
  const version = { observe: () => undefined } as never;
  const reader = new EnrolmentFactsReader(pool, version);
  const polls = new PollFactsReader(pool, version);
  for (let enrolment = 0; enrolment < 10; enrolment++)
    await Promise.all([
      reader.read('router-1', '192.0.2.1', Buffer.alloc(32, enrolment)),
      reader.readRenewal(1, Buffer.of(1, enrolment), '192.0.2.1', Buffer.alloc(32, enrolment)),
      polls.read(1, `T-${enrolment}`, Buffer.alloc(32, enrolment)),
    ]);
  const statistics = await dataSource.query(
    `select generic_plans::int, custom_plans::int from pg_prepared_statements 
      where name in ('enrolment-facts', 'renewal-facts', 'poll-facts')`,
  );
  expect(statistics).toEqual([
    { generic_plans: 10, custom_plans: 0 },
    { generic_plans: 10, custom_plans: 0 },
    { generic_plans: 10, custom_plans: 0 },
  ]);
});

test('a poll is found by its transactionID among many', async () => {
  const dataSource = await database.dataSource([], 1);
  await dataSource.query(`insert into aliases (name) values ('vpn')`);
  await dataSource.query(`insert into scep_transactions (ledger_key, alias_id, transaction_id, public_key_hash, message_type,
      state, end_entity_epoch, authority_id, serial_number, created_at, updated_at)
    select sha256(i::text::bytea), 1, 'T-' || i, sha256(i::text::bytea), 19, 'issued', 0, 1, i::text::bytea, now(), now()
    from generate_series(1, 5000) i`);
  await dataSource.query('analyze scep_transactions');
  const plan = await dataSource.query<{ 'QUERY PLAN': string }[]>(
    `explain ${READ_POLL.replaceAll('$1', '1').replaceAll('$2', "'T-77'").replaceAll('$3', "'\\x00'")}`,
  );
  const text = plan.map((row) => row['QUERY PLAN']).join('\n');
  expect(text).toMatch(/alias_id_transaction_id_idx/);
  expect(text).not.toMatch(/Seq Scan on (scep_transactions|certificates)/);
});
