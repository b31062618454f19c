import { Module } from '@nestjs/common';
import { AliasesModule } from '../aliases/aliases.module';
import { AuditModule } from '../audit/audit.module';
import { AuthoritiesModule } from '../authorities/authorities.module';
import { ChallengesModule } from '../challenges/challenges.module';
import { OneTimeChallengesModule } from '../challenges/one-time/one-time-challenges.module';
import { RaAccountsModule } from '../ra-accounts/ra-accounts.module';
import { ChallengeSource } from './challenge-source';
import { ChallengeWebhookDoor } from './challenge-webhook.door';
import { NdesDoor } from './ndes-door';
import { Visitors } from './visitor';

/** NDES's page, and the door for MDM servers that ask by a webhook, on the administrators' side. Needs CONFIG, CLOCK and LOGGER globally. */
@Module({
  imports: [AliasesModule, AuditModule, AuthoritiesModule, ChallengesModule, OneTimeChallengesModule, RaAccountsModule],
  providers: [ChallengeSource, ChallengeWebhookDoor, NdesDoor, Visitors],
  exports: [ChallengeWebhookDoor, NdesDoor],
})
export class NdesModule {}
