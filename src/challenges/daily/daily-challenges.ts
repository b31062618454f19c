import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { AuditedChange, type Conflicts } from '../../audit/audited-change';
import { CLOCK, type Clock } from '../../common/clock';
import { RANDOM_SOURCE, type RandomSource } from '../../common/random-source';
import { ServiceError } from '../../common/service-error';
import { KeyEncryptionKey } from '../../keys/key-encryption-key';
import { calendarDay, nextDayBegins } from './calendar-day';
import { DailyChallengeKeyEntity, dailyKeyContext } from './daily-challenge-key.entity';
import { DailyKeys } from './daily-keys';
import { type DailySettings, overlapMs } from './daily-settings';

/** An alias whose challenge changes each day. */
export interface DailyAlias {
  readonly id: number;
  readonly name: string;
  readonly challenge: { readonly daily: DailySettings };
}

/** The challenge of a day as it is read. */
export interface ReadDailyChallenge {
  /** The calendar day in the alias's time zone, as in `2026-01-31`. */
  readonly day: string;
  readonly timeZone: string;
  /** A secret. */
  readonly challengePassword: string;
  /** Until when it is right, the overlap included. */
  readonly expiresAt: Date;
}

const KEY_BYTES = 32;

const CONFLICTS: Conflicts = {
  daily_challenge_keys_alias_id_fkey: () => new ServiceError('not-found', 'the alias was removed meanwhile'),
};

/** What administrators do with the challenges of days. Whatever is shown is in the audit log before it is. */
@Injectable()
export class DailyChallenges {
  constructor(
    private readonly auditedChange: AuditedChange,
    private readonly keys: DailyKeys,
    private readonly keyEncryptionKey: KeyEncryptionKey,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(RANDOM_SOURCE) private readonly random: RandomSource,
  ) {}

  /** Today's challenge. The first reading makes the key: before it no challenge is right. */
  read(actor: string, alias: DailyAlias): Promise<ReadDailyChallenge> {
    return this.auditedChange.make(async (manager, record) => {
      await this.make(manager, alias.id, 'on conflict (alias_id) do nothing');
      const shown = await this.today(manager, alias);
      const details = { day: shown.day };
      await record({ actor, action: 'challenge.read', target: targetOf(alias), details });
      return shown;
    }, CONFLICTS);
  }

  /** Takes another key: whatever was read before is wrong from now on. Shows today's new challenge. */
  rotate(actor: string, alias: DailyAlias): Promise<ReadDailyChallenge> {
    return this.auditedChange.make(async (manager, record) => {
      const instead = 'on conflict (alias_id) do update set sealed = excluded.sealed, made_at = excluded.made_at';
      await this.make(manager, alias.id, instead);
      const shown = await this.today(manager, alias);
      const details = { day: shown.day };
      await record({ actor, action: 'challenge.rotate', target: targetOf(alias), details });
      return shown;
    }, CONFLICTS);
  }

  private async make(manager: EntityManager, aliasId: number, onConflict: string): Promise<void> {
    const key = Buffer.from(this.random.bytes(KEY_BYTES));
    const sealed = this.keyEncryptionKey.seal(key, dailyKeyContext(aliasId));
    key.fill(0);
    await manager.query(
      `insert into daily_challenge_keys (alias_id, sealed, made_at) values ($1, $2, $3) ${onConflict}`,
      [aliasId, sealed, this.clock.now()],
    );
  }

  private async today(manager: EntityManager, alias: DailyAlias): Promise<ReadDailyChallenge> {
    const row = await manager.findOneByOrFail(DailyChallengeKeyEntity, { aliasId: alias.id });
    const { daily } = alias.challenge;
    const now = this.clock.now();
    const day = calendarDay(now, daily.timeZone);
    return {
      day,
      timeZone: daily.timeZone,
      challengePassword: this.keys.open(row).challengeOf(day),
      expiresAt: new Date(nextDayBegins(now, daily.timeZone).getTime() + overlapMs(daily)),
    };
  }
}

const targetOf = ({ name }: DailyAlias): string => `aliases/${name}/challenges/daily`;
