import { testDatabase } from '../support/test-database';
import type { TestDatabase } from '../support/test-database';
import { createDataSource } from '../../src/database/data-source';
import { migrate, revert } from '../../src/database/migrator';
import { MIGRATIONS } from '../../src/database/migrations';

const NAMES = MIGRATIONS.map((migration) => migration.name);

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
