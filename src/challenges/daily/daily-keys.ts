import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { LOGGER, type Logger } from '../../common/logger';
import { ServiceError } from '../../common/service-error';
import { ConfigurationVersion } from '../../database/configuration-version';
import { VersionedCache } from '../../database/versioned-cache';
import { KeyEncryptionKey } from '../../keys/key-encryption-key';
import { Verifier } from '../../keys/verifier';
import { DailyChallengeKeyEntity, dailyKeyContext } from './daily-challenge-key.entity';
import { dailyText } from './daily-text';

/** What all gateways on one database derive the challenges of days from, by the alias's id. */
@Injectable()
export class DailyKeys extends VersionedCache<ReadonlyMap<number, DailyKey>> {
  constructor(
    configurationVersion: ConfigurationVersion,
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly keyEncryptionKey: KeyEncryptionKey,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    super(configurationVersion);
  }

  /** The key in a row. Throws ServiceError `internal` if it was sealed under a key-encryption key that is not there. */
  open({ aliasId, sealed }: Pick<DailyChallengeKeyEntity, 'aliasId' | 'sealed'>): DailyKey {
    return new DailyKey(new Verifier(this.keyEncryptionKey.open(sealed, dailyKeyContext(aliasId))));
  }

  protected async load(): Promise<ReadonlyMap<number, DailyKey>> {
    const rows = await this.dataSource.manager.find(DailyChallengeKeyEntity);
    const keys = new Map<number, DailyKey>();
    for (const row of rows) {
      try {
        keys.set(row.aliasId, this.open(row));
      } catch (error) {
        if (!(error instanceof ServiceError)) throw error;
        this.logger.error({ aliasId: row.aliasId, err: error }, 'the key of daily challenges cannot be opened');
      }
    }
    return keys;
  }
}

/** The key of one alias. */
export class DailyKey {
  constructor(private readonly key: Verifier) {}

  /**
   * The challenge of a day, a secret: as people read it.
   * @param day as in `2026-01-31`
   */
  challengeOf(day: string): string {
    return dailyText(this.key.compute('daily-challenge', day));
  }

  /** Whether two texts are the same, in a time that tells nothing of either. */
  equal(one: string, other: string): boolean {
    return this.key.matches('comparison', one, this.key.compute('comparison', other));
  }
}
