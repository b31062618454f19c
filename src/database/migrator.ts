import type { DataSource } from 'typeorm';
import { holdingAdvisoryLock } from './advisory-lock';
import { SchemaError } from './schema-error';

const LOCK = 'scep-gateway schema';

/**
 * Brings the schema up to this release, one migration per transaction. Any number of gateways may call it at once: the
 * first does the work, the others wait for it and find nothing left to do.
 *
 * @param dataSource initialised, with a statement timeout of 0
 * @returns names of the migrations that were run, in order
 * @throws SchemaError if the database has been migrated by a newer release
 */
export async function migrate(dataSource: DataSource): Promise<readonly string[]> {
  return holdingAdvisoryLock(dataSource, LOCK, async () => {
    await refuseNewerSchema(dataSource);
    const done = await dataSource.runMigrations({ transaction: 'each' });
    return done.map((migration) => migration.name);
  });
}

/**
 * Undoes the newest migration.
 *
 * @param dataSource initialised, with a statement timeout of 0
 * @returns its name, or undefined if the database holds none
 * @throws SchemaError if the newest one is of a newer release, which alone knows how to undo it
 */
export async function revert(dataSource: DataSource): Promise<string | undefined> {
  return holdingAdvisoryLock(dataSource, LOCK, async () => {
    await refuseNewerSchema(dataSource);
    const newest = (await appliedMigrations(dataSource)).at(-1);
    if (newest !== undefined) await dataSource.undoLastMigration({ transaction: 'each' });
    return newest;
  });
}

async function refuseNewerSchema(dataSource: DataSource): Promise<void> {
  const known = new Set(dataSource.migrations.map((migration) => migration.name));
  const unknown = (await appliedMigrations(dataSource)).filter((name) => !known.has(name));
  if (unknown.length === 0) return;
  throw new SchemaError(
    `the database has been migrated by a newer release of scep-gateway: it holds ${unknown.join(', ')}, which this ` +
      'release does not know. Start the newer release again, or let it undo its migrations with ' +
      '`scep-gateway migrate --revert` before going back',
  );
}

/** Names of the migrations the database holds, oldest first. */
async function appliedMigrations(dataSource: DataSource): Promise<string[]> {
  const table = dataSource.options.migrationsTableName ?? 'migrations';
  const [found] = await dataSource.query<{ exists: boolean }[]>('select to_regclass($1) is not null as exists', [
    table,
  ]);
  if (found?.exists !== true) return [];
  const rows = await dataSource.query<{ name: string }[]>(`select name from ${table} order by id`);
  return rows.map((row) => row.name);
}
