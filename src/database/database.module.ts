import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { LOGGER } from '../common/logger';
import type { Logger } from '../common/logger';
import { CONFIG } from '../config/environment';
import type { Config } from '../config/environment';
import { AdvisoryLock } from './advisory-lock';
import { ConfigurationVersion } from './configuration-version';
import { dataSourceOptions } from './data-source';
import type { DataSourceSettings } from './data-source';
import { DevicePool } from './pg-pool';
import { TransactionRunner } from './transaction-runner';

const PROVIDERS = [AdvisoryLock, ConfigurationVersion, DevicePool, TransactionRunner];

/** The database for every room above. */
@Module({})
export class DatabaseModule {
  /** @param entities of all rooms, which this one does not know */
  static forRoot(entities: NonNullable<DataSourceSettings['entities']>): DynamicModule {
    const typeOrm = TypeOrmModule.forRootAsync({
      inject: [CONFIG, LOGGER],
      useFactory: (config: Config, logger: Logger) => ({
        ...dataSourceOptions({
          url: config.databaseUrl ?? '',
          poolSize: config.databasePoolSize,
          entities,
          onConnectionLost: (error) => {
            logger.warn({ err: error }, 'lost an idle database connection');
          },
        }),
        // The worker has waited for the database before it came to this.
        retryAttempts: 0,
      }),
    });
    return { module: DatabaseModule, global: true, imports: [typeOrm], providers: PROVIDERS, exports: PROVIDERS };
  }
}
