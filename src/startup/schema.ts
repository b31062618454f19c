import { setTimeout as delay } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import type { Logger } from '../common/logger';
import { createDataSource } from '../database/data-source';
import { sqlState } from '../database/connection-loss';
import { migrate, revert } from '../database/migrator';

const PATIENCE_MS = 60_000;
const PAUSE_MS = 500;

/**
 * Brings the database's schema up to this release.
 *
 * @throws SchemaError if a newer release has migrated it
 */
export async function migrateDatabase(url: string, logger: Logger): Promise<void> {
  await withDatabase(url, logger, async (dataSource) => {
    for (const name of await migrate(dataSource)) logger.info({ migration: name }, 'migrated the database');
  });
}

/** Undoes the newest migration. */
export async function revertDatabase(url: string, logger: Logger): Promise<void> {
  await withDatabase(url, logger, async (dataSource) => {
    const name = await revert(dataSource);
    if (name === undefined) logger.info('there is no migration to undo');
    else logger.info({ migration: name }, 'undid a migration');
  });
}

async function withDatabase(
  url: string,
  logger: Logger,
  work: (dataSource: DataSource) => Promise<void>,
): Promise<void> {
  const dataSource = createDataSource({ url, poolSize: 2, statementTimeoutMs: 0 });
  await connect(dataSource, logger);
  try {
    await work(dataSource);
  } finally {
    await dataSource.destroy();
  }
}

/** Connects, with some patience: where everything is started at once the database may be the last to be up. */
async function connect(dataSource: DataSource, logger: Logger): Promise<void> {
  for (let waited = 0; ; waited += PAUSE_MS) {
    try {
      await dataSource.initialize();
      return;
    } catch (error) {
      if (waited >= PATIENCE_MS || !mayComeUp(error)) throw error;
      if (waited === 0) logger.warn({ err: error }, 'the database cannot be reached yet; waiting for it');
      await delay(PAUSE_MS);
    }
  }
}

function mayComeUp(error: unknown): boolean {
  const state = sqlState(error);
  if (state !== undefined) return state === '57P03';
  const { code } = error as { code?: unknown };
  return ['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'EAI_AGAIN', 'ENOENT', 'ETIMEDOUT'].includes(String(code));
}
