import type { Logger } from '../common/logger';
import type { RandomSource } from '../common/random-source';
import { EMBEDDED_DATABASE_VARIABLE } from '../config/environment';
import type { Config } from '../config/environment';
import { EmbeddedPostgres } from '../database/embedded/embedded-postgres';
import { ensureSecretFile, secretPaths } from './secret-file';

/** The database that workers are given, and what they must be told about it. */
export interface DatabaseSupply {
  /** Variables to add to the workers' environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** Ends the database, if it is the gateway's own. */
  stop(): Promise<void>;
}

/** Connections beside those of the workers' pools: the administrator's, start and migration. */
const SPARE_CONNECTIONS = 20;

/**
 * Sees to it that there is a database: the one of `DATABASE_URL` or, without, one of the gateway's own. Only beside the
 * latter are secrets made up that were not given: they then lie in the same directory as what they protect.
 *
 * @param onGivenUp told when the gateway's own database has ended and cannot be started again
 * @throws EmbeddedDatabaseError that says what to do
 */
export async function supplyDatabase(
  config: Config,
  logger: Logger,
  random: RandomSource,
  onGivenUp: (error: unknown) => void,
): Promise<DatabaseSupply> {
  if (config.databaseUrl !== undefined) return { environment: {}, stop: () => Promise.resolve() };
  const postgres = await EmbeddedPostgres.start({
    dataDir: config.dataDir,
    // One connection of each worker listens to changes.
    maxConnections: config.workers * (config.databasePoolSize + 1) + SPARE_CONNECTIONS,
    logger,
    onGivenUp,
  });
  try {
    const paths = secretPaths(config.dataDir);
    const environment: Record<string, string> = {
      DATABASE_URL: postgres.url,
      [EMBEDDED_DATABASE_VARIABLE]: 'true',
      DATA_DIR: config.dataDir,
    };
    if (config.keyEncryptionKeyFile === undefined) {
      if (ensureSecretFile(paths.keyEncryptionKey, random)) {
        logger.info({ file: paths.keyEncryptionKey }, 'made a key-encryption key: a backup is worthless without it');
      }
      environment.KEY_ENCRYPTION_KEY_FILE = paths.keyEncryptionKey;
    }
    if (config.adminToken === undefined) {
      if (ensureSecretFile(paths.adminToken, random)) {
        logger.info({ file: paths.adminToken }, "made the first administrator's token");
      }
      environment.ADMIN_TOKEN_FILE = paths.adminToken;
    }
    return { environment, stop: () => postgres.stop() };
  } catch (error) {
    await postgres.stop();
    throw error;
  }
}
