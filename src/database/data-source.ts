import { DataSource } from 'typeorm';
import type { DataSourceOptions, Logger } from 'typeorm';
import type { PostgresDataSourceOptions } from 'typeorm/driver/postgres/PostgresDataSourceOptions';
import { MIGRATIONS } from './migrations';

/** What a {@link createDataSource} needs to know. */
export interface DataSourceSettings {
  /** `postgresql://` URL; a Unix socket directory goes into its parameter `host`. */
  readonly url: string;
  /** Largest number of connections at a time. */
  readonly poolSize: number;
  /** Entity classes (or schemas) of the rooms above; none for migrating. */
  readonly entities?: DataSourceOptions['entities'];
  /** What the server shows in `pg_stat_activity`. */
  readonly applicationName?: string;
  /** Statements are cancelled by the server after this many milliseconds; 0: never (migrations). */
  readonly statementTimeoutMs?: number;
  /** Told of each connection that is lost while nobody uses it; the pool has dropped it already. */
  readonly onConnectionLost?: (error: Error) => void;
}

const IDLE_TIMEOUT_MS = 300_000;
const CONNECT_TIMEOUT_MS = 5_000;
const STATEMENT_TIMEOUT_MS = 30_000;
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 60_000;
/**
 * A prepared statement is planned once per connection. Left to itself PostgreSQL plans the reading statement of an
 * enrolment anew each time, for a plan that knows the partition looks cheaper; planning it takes ten times as long as
 * carrying out the plan for all partitions does (800 against 76 microseconds).
 */
const PLANNED_ONCE = '-c plan_cache_mode=force_generic_plan';

/** A DataSource on PostgreSQL that is not initialised yet. */
export function createDataSource(settings: DataSourceSettings): DataSource {
  return new DataSource(dataSourceOptions(settings));
}

/**
 * How TypeORM is to use PostgreSQL. It neither synchronises the schema nor runs migrations by itself: `migrator.ts`
 * does, under a lock.
 */
export function dataSourceOptions(settings: DataSourceSettings): PostgresDataSourceOptions {
  return {
    type: 'postgres',
    url: settings.url,
    entities: settings.entities ?? [],
    migrations: [...MIGRATIONS],
    migrationsTableName: 'schema_migrations',
    migrationsTransactionMode: 'each',
    poolSize: settings.poolSize,
    connectTimeoutMS: CONNECT_TIMEOUT_MS,
    applicationName: settings.applicationName ?? 'scep-gateway',
    installExtensions: false,
    synchronize: false,
    migrationsRun: false,
    logging: false,
    logger: NOTHING_IS_LOGGED,
    poolErrorHandler: settings.onConnectionLost ?? ignore,
    extra: {
      options: PLANNED_ONCE,
      // A new connection costs milliseconds and has no prepared statements.
      idleTimeoutMillis: IDLE_TIMEOUT_MS,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
      statement_timeout: settings.statementTimeoutMs ?? STATEMENT_TIMEOUT_MS,
      idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
    },
  };
}

// TypeORM prints some failures even when told to be quiet; all of them are thrown too.
const NOTHING_IS_LOGGED: Logger = {
  logQuery: ignore,
  logQueryError: ignore,
  logQuerySlow: ignore,
  logSchemaBuild: ignore,
  logMigration: ignore,
  log: ignore,
};

function ignore(): void {
  return;
}
