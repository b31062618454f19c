import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module';
import { KeysModule } from '../keys/keys.module';
import { OutboundModule } from '../outbound/outbound.module';
import { Challenges } from './challenges';
import { DailyChallenge } from './daily/daily.challenge';
import { DailyChallenges } from './daily/daily-challenges';
import { DailyKeys } from './daily/daily-keys';
import { EndEntityChallenge } from './end-entity.challenge';
import { OneTimeChallenge } from './one-time/one-time.challenge';
import { IntuneChallenge } from './intune/intune.challenge';
import { IntuneConnections } from './intune/intune-connections';
import { StaticChallenge } from './static.challenge';
import { WebhookModule } from './webhook/webhook.module';

/** The kinds of challenge. Needs the database's providers, CLOCK, LOGGER and RANDOM_SOURCE globally. */
@Module({
  imports: [AuditModule, KeysModule, OutboundModule, WebhookModule],
  providers: [
    EndEntityChallenge,
    StaticChallenge,
    DailyKeys,
    DailyChallenge,
    DailyChallenges,
    OneTimeChallenge,
    IntuneConnections,
    IntuneChallenge,
    Challenges,
  ],
  exports: [Challenges, DailyChallenges, IntuneConnections, WebhookModule],
})
export class ChallengesModule {}
