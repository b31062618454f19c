import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { INestApplication } from '@nestjs/common';
import { createApplication } from '../../src/app.module';
import type { Clock } from '../../src/common/clock';
import { createLogger } from '../../src/common/logger';
import type { RandomSource } from '../../src/common/random-source';
import { SystemRandomSource } from '../../src/common/random-source';
import { loadConfig } from '../../src/config/environment';
import { Gateway } from '../../src/startup/gateway';
import { FixedClock } from './fixed-clock';
import { runDirectory, testDatabase } from './test-database';
import type { TestDatabase } from './test-database';

/** Bearer token of the first administrator of every test gateway. */
export const ADMIN_TOKEN = 'test-administrator-token';

/** What a test may want otherwise. */
export interface TestGatewayOptions {
  /** Stands still at its default moment unless given. */
  readonly clock?: Clock;
  readonly random?: RandomSource;
  /** Added to, or replacing, the gateway's environment variables. */
  readonly environment?: Readonly<Record<string, string>>;
  /** A second gateway on the database of a first; otherwise each has one of its own. */
  readonly database?: TestDatabase;
}

/** A whole gateway within the test's process, on free ports of the loopback interface. */
export interface TestGateway {
  /** For devices, without a slash at the end. */
  readonly publicUrl: string;
  /** For administrators, without a slash at the end. */
  readonly adminUrl: string;
  /** Where NDES's page has a listener of its own, without a slash at the end. */
  readonly ndesUrl: string | undefined;
  readonly adminToken: string;
  readonly database: TestDatabase;
  /** To reach into the rooms: `gateway.application.get(...)`. */
  readonly application: INestApplication;
  /** Stops it, and drops its database if it is its own. */
  close(): Promise<void>;
}

/** Starts a gateway as the first worker of a real one starts, its start steps included. */
export async function startGateway(options: TestGatewayOptions = {}): Promise<TestGateway> {
  const database = options.database ?? (await testDatabase());
  const directory = mkdtempSync(join(runDirectory(), 'gateway-'));
  const keyFile = join(directory, 'key-encryption-key');
  writeFileSync(keyFile, '42'.repeat(32), { mode: 0o600 });
  const config = loadConfig({
    PUBLIC_HOST: '127.0.0.1',
    PUBLIC_PORT: '0',
    ADMIN_PORT: '0',
    PUBLIC_URL: 'http://scep.example.test',
    DATABASE_URL: database.url,
    DATA_DIR: directory,
    KEY_ENCRYPTION_KEY_FILE: keyFile,
    ADMIN_TOKEN,
    LOG_LEVEL: 'error',
    ...options.environment,
  });
  const application = await createApplication({
    config,
    logger: createLogger(config.logLevel),
    clock: options.clock ?? new FixedClock(),
    random: options.random ?? new SystemRandomSource(),
  });
  const gateway = await Gateway.open(application, { runStartSteps: true });
  return {
    publicUrl: `http://127.0.0.1:${gateway.deviceAddress.port}`,
    adminUrl: `http${config.adminTls === undefined ? '' : 's'}://127.0.0.1:${gateway.adminAddress.port}`,
    ndesUrl:
      gateway.ndesAddress && `http${config.ndes?.tls === undefined ? '' : 's'}://127.0.0.1:${gateway.ndesAddress.port}`,
    adminToken: ADMIN_TOKEN,
    database,
    application,
    close: async () => {
      await gateway.stop();
      if (options.database === undefined) await database.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
