import { connect } from 'node:net';
import { dirname } from 'node:path';
import { text } from 'node:stream/consumers';
import type { DataSource, DataSourceOptions } from 'typeorm';
import { createDataSource } from '../../src/database/data-source';
import { BROKER_VARIABLE, execute, withDatabase } from './test-database-broker';
import type { TestServer } from './test-database-broker';

/** A database of one test file's own, with the newest schema and nothing in it. */
export interface TestDatabase {
  /** Where to connect to. */
  readonly url: string;
  /** A further initialised DataSource on it; closed by {@link close}. */
  dataSource(entities?: DataSourceOptions['entities'], poolSize?: number): Promise<DataSource>;
  /** Drops the database, with whatever is still connected to it. */
  close(): Promise<void>;
}

let counter = 0;

/**
 * Makes a database: `beforeAll(async () => { database = await testDatabase(); })`, and `afterAll` closes it.
 *
 * @param options `empty`: without the schema, for tests of migrations
 */
export async function testDatabase(options: { empty?: boolean } = {}): Promise<TestDatabase> {
  const server = await askBroker();
  const name = `scep_test_${process.pid}_${process.env.JEST_WORKER_ID ?? '0'}_${(counter += 1)}`;
  await execute(server.url, `drop database if exists "${name}" with (force)`);
  await execute(server.url, `create database "${name}" template "${options.empty ? 'template0' : server.template}"`);
  const url = withDatabase(server.url, name);
  const opened: DataSource[] = [];
  return {
    url,
    dataSource: async (entities, poolSize = 4) => {
      const dataSource = createDataSource({ url, poolSize, ...(entities === undefined ? {} : { entities }) });
      opened.push(await dataSource.initialize());
      return dataSource;
    },
    close: async () => {
      for (const dataSource of opened) if (dataSource.isInitialized) await dataSource.destroy();
      await execute(server.url, `drop database if exists "${name}" with (force)`);
    },
  };
}

/** A directory of this test run's own, removed when the run ends or, if it is killed, by a later one. */
export function runDirectory(): string {
  return dirname(brokerPath());
}

function brokerPath(): string {
  const path = process.env[BROKER_VARIABLE];
  if (path === undefined) throw new Error("jest's global setup did not run");
  return path;
}

async function askBroker(): Promise<TestServer> {
  const answer = JSON.parse(await text(connect(brokerPath()))) as TestServer | { error: string };
  if ('error' in answer) throw new Error(`no test database: ${answer.error}`);
  return answer;
}
