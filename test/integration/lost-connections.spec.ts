import { Client, type Pool } from 'pg';
import type { DataSource } from 'typeorm';
import { createLogger } from '../../src/common/logger';
import { ServiceError } from '../../src/common/service-error';
import { ChangeListener } from '../../src/database/change-listener';
import { DevicePool } from '../../src/database/pg-pool';
import { TransactionRunner } from '../../src/database/transaction-runner';
import { testDatabase } from '../support/test-database';
import type { TestDatabase } from '../support/test-database';
import { until } from '../support/until';

const APPLICATION = 'scep-gateway';
const LISTENER = 'scep-gateway listener';

describe('connections that are lost', () => {
  let database: TestDatabase;
  let dataSource: DataSource;
  let pool: DevicePool;
  let other: Client;

  beforeAll(async () => {
    database = await testDatabase();
    dataSource = await database.dataSource();
    pool = new DevicePool(dataSource);
    other = new Client({ connectionString: database.url, application_name: 'other' });
    await other.connect();
    await other.query('create table notes (note text unique)');
  });

  afterAll(async () => {
    await other.end();
    await database.close();
  });

  const terminate = async (application: string, condition = 'true'): Promise<number> => {
    const sql = `select pg_terminate_backend(pid) from pg_stat_activity
      where application_name = $1 and datname = current_database() and (${condition})`;
    return (await other.query(sql, [application])).rowCount ?? 0;
  };

  const notes = async (): Promise<string[]> =>
    (await other.query<{ note: string }>('select note from notes order by note')).rows.map(({ note }) => note);

  const insert = (note: string, pause = '0') => ({
    name: 'insert-note',
    text: `insert into notes select $1::text from (select pg_sleep($2::float8)) s`,
    values: [note, pause],
  });

  beforeEach(async () => {
    await other.query('delete from notes');
  });

  it('in the middle of a device statement: nobody knows, and says so', async () => {
    const statement = pool.query(insert('lost', '20'));
    const refused = expect(statement).rejects.toMatchObject({ name: 'ServiceError', code: 'outcome-unknown' });
    await until(async () => (await terminate(APPLICATION, `state = 'active' and query like 'insert%'`)) === 1);
    await refused;
    // The next one gets a connection that works, and finds the truth.
    await pool.query(insert('next'));
    expect(await notes()).toEqual(['next']);
  });

  it('while idle: the next statement does not notice', async () => {
    await Promise.all([pool.query(insert('a')), pool.query(insert('b'))]);
    await terminate(APPLICATION);
    // Until this process has heard of it, a statement may still go out on a dead connection, and nobody knows its outcome.
    const { master } = dataSource.driver as unknown as { readonly master: Pool };
    await until(() => master.totalCount === 0);
    await pool.query(insert('c'));
    expect(await notes()).toEqual(['a', 'b', 'c']);
  });

  it('tells a refusal of the server apart, and keeps the connection', async () => {
    await pool.query(insert('twice'));
    const backend = async () => (await pool.query({ name: 'pid', text: 'select pg_backend_pid()', values: [] })).rows;
    const before = await backend();
    await expect(pool.query(insert('twice'))).rejects.toMatchObject({ code: '23505' });
    await expect(pool.query(insert('twice'))).rejects.not.toBeInstanceOf(ServiceError);
    expect(await backend()).toEqual(before);
  });

  it('in the middle of a unit of work: nobody knows', async () => {
    const runner = new TransactionRunner(dataSource);
    const work = runner.inTransaction(async (manager) => {
      await manager.query(`insert into notes values ('lost')`);
      await terminate(APPLICATION, `state = 'idle in transaction'`);
      await manager.query(`insert into notes values ('also lost')`);
    });
    await expect(work).rejects.toMatchObject({ name: 'ServiceError', code: 'outcome-unknown' });
    expect(await notes()).toEqual([]);
  });

  it('leaves alone what the work of a transaction throws, and rolls back', async () => {
    const runner = new TransactionRunner(dataSource);
    const thrown = new ServiceError('conflict', 'somebody was first');
    const work = runner.inTransaction(async (manager) => {
      await manager.query(`insert into notes values ('rolled back')`);
      throw thrown;
    });
    await expect(work).rejects.toBe(thrown);
    expect(await notes()).toEqual([]);
    const twice = runner.inTransaction(async (manager) => {
      await manager.query(`insert into notes values ('x'), ('x')`);
    });
    await expect(twice).rejects.toMatchObject({ code: '23505' });
  });

  it('of the listener: it comes back and learns what it missed', async () => {
    const heard: string[] = [];
    const listener = new ChangeListener({
      url: database.url,
      channel: 'scep_gateway_configuration',
      heartbeat: 'select version from configuration_version',
      onChange: (payload) => heard.push(payload),
      logger: createLogger('silent'),
      reconnectMs: 20,
    });
    await listener.start();
    try {
      const change = async (): Promise<string> => {
        await other.query(`insert into authorities (name) values ($1)`, [`CA ${heard.length}`]);
        return (await other.query<{ version: string }>('select version from configuration_version')).rows[0]!.version;
      };
      const heardOf = async (version: string): Promise<void> => until(() => heard.includes(version));
      await heardOf(await change());
      expect(await terminate(LISTENER)).toBe(1);
      // Announced while nobody may be listening: asked for after the reconnection.
      await heardOf(await change());
      await heardOf(await change());
    } finally {
      await listener.stop();
    }
  });

  it('of the listener, unnoticed: the heartbeat asks', async () => {
    const heard: string[] = [];
    const listener = new ChangeListener({
      url: database.url,
      channel: 'nobody_announces_here',
      heartbeat: 'select version from configuration_version',
      onChange: (payload) => heard.push(payload),
      logger: createLogger('silent'),
      heartbeatMs: 20,
    });
    await listener.start();
    try {
      await other.query(`insert into authorities (name) values ('unheard of')`);
      const { rows } = await other.query<{ version: string }>('select version from configuration_version');
      await until(() => heard.includes(rows[0]!.version));
    } finally {
      await listener.stop();
    }
  });
});
