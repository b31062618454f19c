import { createLogger } from '../common/logger';
import { SystemRandomSource } from '../common/random-source';
import { loadConfig } from '../config/environment';
import { supplyDatabase } from './database-supply';
import { migrateDatabase, revertDatabase } from './schema';

/**
 * `scep-gateway migrate [--revert]`: brings the schema up to this release, or undoes the newest migration before an
 * older release is started again. Serving does the former by itself.
 */
export async function runMigrate({ revert }: { readonly revert: boolean }): Promise<void> {
  const config = loadConfig();
  const logger = createLogger(config.logLevel);
  const supply = await supplyDatabase(config, logger, new SystemRandomSource(), (error) => {
    throw error;
  });
  try {
    const url = config.databaseUrl ?? supply.environment.DATABASE_URL ?? '';
    if (revert) await revertDatabase(url, logger);
    else await migrateDatabase(url, logger);
  } finally {
    await supply.stop();
  }
}
