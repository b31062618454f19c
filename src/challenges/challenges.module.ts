import { Module } from '@nestjs/common';
import { KeysModule } from '../keys/keys.module';
import { Challenges } from './challenges';
import { EndEntityChallenge } from './end-entity.challenge';
import { OneTimeChallenge } from './one-time/one-time.challenge';
import { StaticChallenge } from './static.challenge';
import { WebhookModule } from './webhook/webhook.module';

/** The kinds of challenge. Needs the database's providers, CLOCK and RANDOM_SOURCE globally. */
@Module({
  imports: [KeysModule, WebhookModule],
  providers: [EndEntityChallenge, StaticChallenge, OneTimeChallenge, Challenges],
  exports: [Challenges, WebhookModule],
})
export class ChallengesModule {}
