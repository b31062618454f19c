import type { DataSource } from 'typeorm';
import { ENTITIES } from '../../src/app.module';
import { READ_DUE } from '../../src/enrolment/release.statements';
import { type TestDatabase, testDatabase } from '../support/test-database';

let database: TestDatabase;
let dataSource: DataSource;

beforeAll(async () => {
  database = await testDatabase();
  dataSource = await database.dataSource(ENTITIES, 2);
});
afterAll(() => database.close());

const NOW = new Date('2026-01-01T12:00:00Z');

/** Certificates of an alias that have waited for so many seconds. */
const wait = (aliasId: number, count: number, seconds: number): Promise<unknown> =>
  dataSource.query(
    `insert into unreleased_certificates (authority_id, serial_number, ledger_key, alias_id, kind, transaction_id,
      sealed_request, issued_at, next_attempt_at)
    select 1, decode(lpad(to_hex($1::integer * 1000 + i), 8, '0'), 'hex'), '\\x00', $1, 'intune', 'T', '\\x00', $3, $3
    from generate_series(1, $2::integer) i`,
    [aliasId, count, new Date(NOW.getTime() - seconds * 1000)],
  );

it('certificates whose service is silent, many and old as they may be, leave turns to those of other aliases', async () => {
  await wait(1, 150, 3600);
  await wait(2, 2, 1);
  await wait(3, 1, -1);
  const due = READ_DUE.with({ now: NOW });
  const rows = await dataSource.query<{ alias_id: number }[]>(due.text, [...due.values]);
  const places = rows.map(({ alias_id: aliasId }) => aliasId);
  expect(places).toHaveLength(100);
  expect(places.slice(0, 4).sort()).toEqual([1, 1, 2, 2]);
  expect(places).not.toContain(3);
});
