import { Inject, Injectable } from '@nestjs/common';
import type { OnApplicationShutdown, OnModuleInit } from '@nestjs/common';
import { getDataSourceToken } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { CONFIG } from '../config/environment';
import type { Config } from '../config/environment';
import { LOGGER } from '../common/logger';
import type { Logger } from '../common/logger';
import { ChangeListener } from './change-listener';

const READ_VERSION = 'select version from configuration_version';

/**
 * The version of everything that gateways keep in memory (authorities, profiles, aliases). A trigger raises it in the
 * transaction of each change and announces it to all gateways; caches older than what was observed reload.
 */
@Injectable()
export class ConfigurationVersion implements OnModuleInit, OnApplicationShutdown {
  private newest = 0n;
  private readonly listener: ChangeListener;

  constructor(
    @Inject(getDataSourceToken()) private readonly dataSource: DataSource,
    @Inject(CONFIG) config: Config,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.listener = new ChangeListener({
      url: requireDatabaseUrl(config),
      channel: 'scep_gateway_configuration',
      heartbeat: READ_VERSION,
      onChange: (version) => {
        this.observe(version);
      },
      logger,
    });
  }

  /** The newest version this process has heard of; 0 before the first. */
  get observed(): bigint {
    return this.newest;
  }

  /** Takes note of a version; one that is older than what is known changes nothing. */
  observe(version: bigint | string): void {
    const value = BigInt(version);
    if (value > this.newest) this.newest = value;
  }

  /** Reads the version from the database. Whoever changed something calls it after the commit, to see the own change. */
  async refresh(): Promise<void> {
    const [row] = await this.dataSource.query<{ version: string }[]>(READ_VERSION);
    if (row !== undefined) this.observe(row.version);
  }

  /** Starts listening; returns when changes can no longer be missed. */
  async onModuleInit(): Promise<void> {
    await this.listener.start();
  }

  /** Ends the connection that listens. */
  async onApplicationShutdown(): Promise<void> {
    await this.listener.stop();
  }
}

function requireDatabaseUrl(config: Config): string {
  if (config.databaseUrl === undefined) throw new Error('a worker always has a database URL');
  return config.databaseUrl;
}
