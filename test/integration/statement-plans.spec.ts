import type { DataSource } from 'typeorm';
import { ApprovalRepository } from '../../src/approvals/approval.repository';
import { AuditEventEntity } from '../../src/audit/audit-event.entity';
import { AuditReader } from '../../src/audit/audit-reader';
import { ENTITIES } from '../../src/app.module';
import { DevicePool } from '../../src/database/pg-pool';
import { listEndEntities } from '../../src/end-entities/end-entity-details';
import { EndEntityStatus } from '../../src/end-entities/end-entity-status';
import { EnrolmentFactsReader } from '../../src/enrolment/enrolment-facts.reader';
import { PollFactsReader, READ_POLL } from '../../src/enrolment/poll-facts.reader';
import { type TestDatabase, testDatabase } from '../support/test-database';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

/** What was read of a table by which of its indexes, since the counters were last set back; with one connection only. */
async function read(dataSource: DataSource, table: string): Promise<unknown> {
  await dataSource.query('select pg_stat_force_next_flush()');
  return dataSource.query(
    `select indexrelname as index, idx_tup_read::int as read from pg_stat_user_indexes
      where relname = $1 and idx_scan > 0 order by 1`,
    [table],
  );
}

const forget = (dataSource: DataSource): Promise<unknown> => dataSource.query('select pg_stat_reset()');

test('what an administrator did is found without reading what the gateway did', async () => {
  const dataSource = await database.dataSource([AuditEventEntity], 1);
  await dataSource.query(`insert into audit_events
    select gen_random_uuid(), now() + i * interval '1 second', case when i % 1000 = 0 then 'alice' else 'gateway' end, 'a', 't', '{}'
    from generate_series(1, 5000) i`);
  await dataSource.query('analyze audit_events');
  await forget(dataSource);
  expect(await new AuditReader(dataSource).list({ actor: 'alice' }, 50)).toHaveLength(5);
  expect(await read(dataSource, 'audit_events_default')).toEqual([
    { index: 'audit_events_default_actor_occurred_at_id_idx', read: 5 },
  ]);
});

test('the few end entities of a status are found without reading the others', async () => {
  const dataSource = await database.dataSource(ENTITIES, 1);
  await dataSource.query(`insert into authorities (name) values ('Devices')`);
  await dataSource.query(`insert into certificate_profiles (name) values ('ENDUSER')`);
  await dataSource.query(`insert into end_entity_profiles (name) values ('EMPTY')`);
  await dataSource.query(
    `insert into end_entities (username, status, subject, authority_id, certificate_profile_id, end_entity_profile_id)
     select 'device-' || i, case when i % 1000 = 0 then $1::int else $2 end, 'CN=device', 1, 1, 1 from generate_series(1, 5000) i`,
    [EndEntityStatus.FAILED, EndEntityStatus.GENERATED],
  );
  await dataSource.query('analyze end_entities');
  await forget(dataSource);
  const filter = { status: EndEntityStatus.FAILED };
  expect(await listEndEntities(dataSource, filter, 50, new Date(0))).toHaveLength(5);
  expect(await read(dataSource, 'end_entities')).toEqual([{ index: 'end_entities_by_status', read: 5 }]);
});

test.each([
  ['username', 'approvals_by_username'],
  ['transactionID', 'approvals_by_transaction'],
] as const)('the approvals of a %s are found without reading the others', async (field, index) => {
  const dataSource = await database.dataSource(ENTITIES, 1);
  await dataSource.query('truncate approvals');
  await dataSource.query(`insert into approvals (id, state, alias, authority, generation_id, end_entity_epoch, username,
      reserved, message_type, transaction_id, transactions, source, content_hash, message_hash, signer_key_hash,
      certification_request, fingerprints, subject, created_at, expires_at, decided_at, tell_device)
    select gen_random_uuid(), 'approved', 'scep', 'Devices', 1, 0, 'device-' || i, false, 19, 'T-' || i, 1, '', '', '', '',
      '', '{}', '', now() + i * interval '1 second', now(), now(), false from generate_series(1, 5000) i`);
  await dataSource.query('analyze approvals');
  await forget(dataSource);
  const approvals = new ApprovalRepository(new DevicePool(dataSource), dataSource);
  const value = field === 'username' ? 'device-7' : 'T-7';
  expect(await approvals.list({ [field]: value, now: new Date(0) }, 50)).toHaveLength(1);
  expect(await read(dataSource, 'approvals')).toEqual([{ index, read: 1 }]);
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
      reader.read('router-1', '192.0.2.1', Buffer.alloc(32, enrolment), 1),
      reader.readRegistration('router-1', '192.0.2.1', Buffer.alloc(32, enrolment), 1),
      reader.readRegistration(undefined, '192.0.2.1', Buffer.alloc(32, enrolment), 1),
      reader.readRenewal(1, Buffer.of(1, enrolment), '192.0.2.1', Buffer.alloc(32, enrolment), 1),
      polls.read(1, `T-${enrolment}`, Buffer.alloc(32, enrolment)),
    ]);
  const statistics = await dataSource.query(
    `select generic_plans::int, custom_plans::int from pg_prepared_statements 
      where name in ('enrolment-facts', 'registration-facts', 'unnamed-registration-facts', 'renewal-facts', 'poll-facts')`,
  );
  expect(statistics).toEqual(Array.from({ length: 5 }, () => ({ generic_plans: 10, custom_plans: 0 })));
  // Plans are made once, while nothing is there yet, and must not read all certificates ever after.
  await dataSource.query('select pg_stat_force_next_flush()');
  const scans = await dataSource.query(
    `select coalesce(sum(seq_scan), 0)::int as scans from pg_stat_user_tables where relname ~ '^(certificates_\\d+|end_entities)$'`,
  );
  expect(scans).toEqual([{ scans: 0 }]);
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
