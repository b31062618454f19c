import { testDatabase } from '../support/test-database';
import type { TestDatabase } from '../support/test-database';
import { createDataSource } from '../../src/database/data-source';
import { migrate, revert } from '../../src/database/migrator';
import { MIGRATIONS } from '../../src/database/migrations';

const NAMES = MIGRATIONS.map((migration) => migration.name);

const KEY = '00000000-0000-4000-8000-000000000000';

/** An authority, and an end entity whose latest certificate (2) is one that the present generation gave it in advance. */
const ROLLED_OVER = `
with key as (insert into keys (id, algorithm, public_key, sealed_private_key) values ('${KEY}', 'rsa-2048', '', '')),
authority as (insert into authorities (name) values ('Devices')),
certificate_profile as (insert into certificate_profiles (name) values ('ENDUSER')),
end_entity_profile as (insert into end_entity_profiles (name) values ('EMPTY'))
insert into end_entities (username, status, subject, authority_id, certificate_profile_id, end_entity_profile_id,
  allowed_requests, remaining_requests, latest_serial_number, shadow_serial_number, shadow_generation_id)
values ('router-1', 30, 'CN=router-1', 1, 1, 1, 3, 1, '\\x01', '\\x02', 4)`;

/** Requests of that end entity, one of each kind: waiting with its allowed request set aside, without, and rejected. */
const WAITING = `
insert into approvals select (jsonb_populate_record(null::approvals, jsonb_build_object(
  'id', gen_random_uuid(), 'state', state, 'reserved', reserved, 'decided_at', decided_at, 'end_entity_id', 1,
  'alias', 'scep', 'authority', 'Devices', 'generation_id', 4, 'end_entity_epoch', 0, 'username', 'router-1',
  'message_type', 19, 'transaction_id', 'T', 'transactions', 1, 'source', '', 'content_hash', '\\x' || md5(random()::text),
  'message_hash', '', 'signer_key_hash', '', 'certification_request', '', 'fingerprints', '{}', 'subject', '',
  'tell_device', false, 'created_at', now(), 'expires_at', now()))).*
from (values ('waiting', true, null), ('waiting', false, null), ('rejected', true, now()))
  as request (state, reserved, decided_at)`;

describe('migrations', () => {
  let database: TestDatabase;

  beforeEach(async () => {
    database = await testDatabase({ empty: true });
  });

  afterEach(async () => {
    await database.close();
  });

  it('run up, and down to nothing, and up again', async () => {
    const dataSource = await database.dataSource();
    const objects = async (): Promise<unknown[]> =>
      dataSource.query(`select relname from pg_class where relnamespace = 'public'::regnamespace
        and relkind in ('r', 'p') and relname <> 'schema_migrations'
        union all select proname from pg_proc where pronamespace = 'public'::regnamespace`);
    expect(await migrate(dataSource)).toEqual(NAMES);
    const first = await objects();
    expect(first.length).toBeGreaterThan(50);
    expect(await migrate(dataSource)).toEqual([]);
    for (const name of [...NAMES].reverse()) expect(await revert(dataSource)).toBe(name);
    expect(await objects()).toEqual([]);
    expect(await revert(dataSource)).toBeUndefined();
    await migrate(dataSource);
    expect(await objects()).toHaveLength(first.length);
  });

  it('are taken back and run again over rollovers and waiting requests, and lose neither certificate nor allowed request', async () => {
    const dataSource = await database.dataSource();
    await migrate(dataSource);
    const states = ['retired', 'previous', 'withdrawn', 'current', 'next'];
    await dataSource.query(ROLLED_OVER);
    await dataSource.query(
      `insert into authority_generations (authority_id, number, state, key_id, certificate)
       select 1, place, state, $1, '' from unnest($2::text[]) with ordinality as g (state, place)`,
      [KEY, states],
    );
    await dataSource.query(WAITING);
    while ((await revert(dataSource)) !== 'Rollover1700000000004') continue;
    expect(await dataSource.query('select latest_serial_number, remaining_requests from end_entities')).toEqual([
      { latest_serial_number: Buffer.of(2), remaining_requests: 2 },
    ]);
    await migrate(dataSource);
    expect(await dataSource.query('select state from authority_generations order by number')).toEqual(
      ['retired', 'retired', 'retired', 'current', 'next'].map((state) => ({ state })),
    );
  });

  it('are run once when four gateways start at once', async () => {
    const gateways = await Promise.all([1, 2, 3, 4].map(async () => database.dataSource()));
    const results = await Promise.all(gateways.map(async (dataSource) => migrate(dataSource)));
    expect(results.flat()).toEqual(NAMES);
    expect(results.filter((names) => names.length > 0)).toHaveLength(1);
  });

  it('refuse a database that a newer release has migrated, by name', async () => {
    const dataSource = await database.dataSource();
    await migrate(dataSource);
    await dataSource.query(`insert into schema_migrations (timestamp, name) values (9e12, 'Future9000000000000')`);
    await expect(migrate(dataSource)).rejects.toThrow(/newer release.*Future9000000000000/);
    await expect(revert(dataSource)).rejects.toThrow(/newer release/);
  });

  it('leave nothing behind when one fails', async () => {
    const dataSource = createDataSource({ url: database.url, poolSize: 2, statementTimeoutMs: 0 });
    await dataSource.initialize();
    try {
      // Stands in the way of the last table of the first migration.
      await dataSource.query('create table audit_events (id int)');
      await expect(migrate(dataSource)).rejects.toThrow(/audit_events/);
      const [row] = await dataSource.query<{ count: string }[]>(
        `select count(*) from pg_class where relnamespace = 'public'::regnamespace and relname = 'certificates'`,
      );
      expect(row!.count).toBe('0');
    } finally {
      await dataSource.destroy();
    }
  });
});

describe('the schema', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await testDatabase();
  });

  afterAll(async () => {
    await database.close();
  });

  it('announces each change of a cached table with a higher version', async () => {
    const dataSource = await database.dataSource();
    const version = async (): Promise<bigint> => {
      const [row] = await dataSource.query<{ version: string }[]>('select version from configuration_version');
      return BigInt(row!.version);
    };
    const before = await version();
    await dataSource.query(`insert into authorities (name) values ('ManagementCA')`);
    await dataSource.query(`update authorities set description = 'changed'`);
    expect(await version()).toBe(before + 2n);
  });

  it('lets nobody change or remove an audit event', async () => {
    const dataSource = await database.dataSource();
    await dataSource.query(`insert into audit_events values
      ('00000000-0000-4000-8000-000000000000', now(), 'admin', 'alias.create', 'scep', '{}')`);
    await expect(dataSource.query(`update audit_events set actor = 'nobody'`)).rejects.toThrow(/append-only/);
    await expect(dataSource.query('delete from audit_events')).rejects.toThrow(/append-only/);
  });
});
