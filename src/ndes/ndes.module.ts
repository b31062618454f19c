import { Module } from '@nestjs/common';
import { AliasesModule } from '../aliases/aliases.module';
import { AuditModule } from '../audit/audit.module';
import { AuthoritiesModule } from '../authorities/authorities.module';
import { ChallengesModule } from '../challenges/challenges.module';
import { OneTimeChallengesModule } from '../challenges/one-time/one-time-challenges.module';
import { RaAccountsModule } from '../ra-accounts/ra-accounts.module';
import { ChallengeSource } from './challenge-source';
import { NdesDoor } from './ndes-door';
import { Visitors } from './visitor';

/** NDES's page on the administrators' side. Needs CONFIG, CLOCK and LOGGER globally. */
@Module({
  imports: [AliasesModule, AuditModule, AuthoritiesModule, ChallengesModule, OneTimeChallengesModule, RaAccountsModule],
  providers: [ChallengeSource, NdesDoor, Visitors],
  exports: [NdesDoor],
})
export class NdesModule {}
