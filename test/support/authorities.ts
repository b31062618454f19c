import type { DataSource } from 'typeorm';
import { AuditEventEntity } from '../../src/audit/audit-event.entity';
import { AuditLog } from '../../src/audit/audit-log';
import { AuditedChange } from '../../src/audit/audited-change';
import { AuthorityCatalogue } from '../../src/authorities/authority-catalogue';
import { AuthorityGenerationEntity } from '../../src/authorities/authority-generation.entity';
import { AuthorityEntity } from '../../src/authorities/authority.entity';
import { AuthorityService } from '../../src/authorities/authority.service';
import { RaCertificateEntity } from '../../src/authorities/ra-certificate.entity';
import { RaCertificateService } from '../../src/authorities/ra-certificate.service';
import { RolloverService } from '../../src/authorities/rollover.service';
import { createLogger } from '../../src/common/logger';
import { SystemRandomSource } from '../../src/common/random-source';
import type { Config } from '../../src/config/environment';
import { ConfigurationVersion } from '../../src/database/configuration-version';
import { TransactionRunner } from '../../src/database/transaction-runner';
import { KeyEncryptionKey } from '../../src/keys/key-encryption-key';
import { KeyStore } from '../../src/keys/key-store';
import { KeyEntity } from '../../src/keys/key.entity';
import { FixedClock } from './fixed-clock';
import type { TestDatabase } from './test-database';

/** One gateway's authorities on a test database. */
export interface AuthorityRoom {
  readonly dataSource: DataSource;
  readonly clock: FixedClock;
  readonly configurationVersion: ConfigurationVersion;
  readonly keyStore: KeyStore;
  readonly catalogue: AuthorityCatalogue;
  readonly service: AuthorityService;
  readonly raCertificates: RaCertificateService;
  readonly rollovers: RolloverService;
  /** Stops listening for changes. */
  close(): Promise<void>;
}

/** Puts a gateway's authorities together; several on one database are as many gateways. */
export async function openAuthorities(database: TestDatabase, clock = new FixedClock()): Promise<AuthorityRoom> {
  const random = new SystemRandomSource();
  const logger = createLogger('silent');
  const dataSource = await database.dataSource([
    AuditEventEntity,
    AuthorityEntity,
    AuthorityGenerationEntity,
    RaCertificateEntity,
    KeyEntity,
  ]);
  const configurationVersion = new ConfigurationVersion(dataSource, { databaseUrl: database.url } as Config, logger);
  await configurationVersion.onModuleInit();
  const keyStore = new KeyStore(dataSource, KeyEncryptionKey.parse('42'.repeat(32), random), random);
  const auditLog = new AuditLog(clock, random);
  const auditedChange = new AuditedChange(new TransactionRunner(dataSource), configurationVersion, auditLog);
  const catalogue = new AuthorityCatalogue(configurationVersion, dataSource, keyStore, logger);
  const raCertificates = new RaCertificateService(dataSource, auditedChange, keyStore, clock, random, logger);
  return {
    dataSource,
    clock,
    configurationVersion,
    keyStore,
    catalogue,
    raCertificates,
    service: new AuthorityService(dataSource, auditedChange, catalogue, raCertificates, keyStore, clock, random),
    rollovers: new RolloverService(
      dataSource,
      auditedChange,
      catalogue,
      raCertificates,
      keyStore,
      clock,
      random,
      logger,
    ),
    close: () => configurationVersion.onApplicationShutdown(),
  };
}
