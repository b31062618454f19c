import type { DataSource } from 'typeorm';
import { LogPartitionJob } from '../../src/jobs/log-partition.job';
import { FixedClock } from '../support/fixed-clock';
import { type TestDatabase, testDatabase } from '../support/test-database';

let database: TestDatabase;
let dataSource: DataSource;
const clock = new FixedClock('2026-11-30T23:59:59Z');

beforeEach(async () => {
  database = await testDatabase();
  dataSource = await database.dataSource();
});

afterEach(() => database.close());

const run = () => new LogPartitionJob(dataSource, clock).run();

const partitions = async (table: string): Promise<string[]> => {
  const rows = await dataSource.query<{ name: string }[]>(
    `select inhrelid::regclass::text as name from pg_inherits where inhparent = $1::regclass order by 1`,
    [table],
  );
  return rows.map(({ name }) => name);
};

const logged = async (id: string, at: string): Promise<string> => {
  const [row] = await dataSource.query<[{ place: string }]>(
    `insert into requests (id, received_at, alias, source, method, outcome, decoded)
      values ($1, $2, 'scep', '127.0.0.1', 'POST', 'issued', '{}') returning tableoid::regclass::text as place`,
    [id, at],
  );
  return row.place;
};

it('has a partition for this month and the two that follow, over the end of a year', async () => {
  await run();
  await run();
  expect(await partitions('requests')).toEqual([
    'requests_2026_11',
    'requests_2026_12',
    'requests_2027_01',
    'requests_default',
  ]);
  expect(await partitions('audit_events')).toHaveLength(4);
  expect(await logged(crypto.randomUUID(), '2026-12-01T00:00:00Z')).toBe('requests_2026_12');
  expect(await logged(crypto.randomUUID(), '2026-11-30T23:59:59.999Z')).toBe('requests_2026_11');
});

it('leaves a month alone that has come into the default partition already', async () => {
  expect(await logged(crypto.randomUUID(), '2026-12-24T00:00:00Z')).toBe('requests_default');
  await run();
  expect(await partitions('requests')).toEqual(['requests_2026_11', 'requests_2027_01', 'requests_default']);
});

it('is safe if two processes do it at once', async () => {
  await Promise.allSettled([run(), run(), run()]);
  await run();
  expect(await partitions('requests')).toHaveLength(4);
});

it('keeps the audit log append-only in each partition', async () => {
  await run();
  await dataSource.query(
    `insert into audit_events (id, occurred_at, actor, action, target, details)
      values (gen_random_uuid(), '2026-11-30T12:00:00Z', 'a', 'b', 'c', '{}')`,
  );
  await expect(dataSource.query('delete from audit_events_2026_11')).rejects.toThrow('append-only');
});
