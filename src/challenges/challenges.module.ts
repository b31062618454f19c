import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module';
import { KeysModule } from '../keys/keys.module';
import { Challenges } from './challenges';
import { DailyChallenge } from './daily/daily.challenge';
import { DailyChallenges } from './daily/daily-challenges';
import { DailyKeys } from './daily/daily-keys';
import { EndEntityChallenge } from './end-entity.challenge';
import { OneTimeChallenge } from './one-time/one-time.challenge';
import { StaticChallenge } from './static.challenge';
import { WebhookModule } from './webhook/webhook.module';

/** The kinds of challenge. Needs the database's providers, CLOCK, LOGGER and RANDOM_SOURCE globally. */
@Module({
  imports: [AuditModule, KeysModule, WebhookModule],
  providers: [
    EndEntityChallenge,
    StaticChallenge,
    DailyKeys,
    DailyChallenge,
    DailyChallenges,
    OneTimeChallenge,
    Challenges,
  ],
  exports: [Challenges, DailyChallenges, WebhookModule],
})
export class ChallengesModule {}
