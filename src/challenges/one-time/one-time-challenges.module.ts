import { Module } from '@nestjs/common';
import { AuditModule } from '../../audit/audit.module';
import { KeysModule } from '../../keys/keys.module';
import { OneTimeChallenges } from './one-time-challenges';

/** Challenges for one certificate. Needs the database's providers, CLOCK and RANDOM_SOURCE globally. */
@Module({
  imports: [AuditModule, KeysModule],
  providers: [OneTimeChallenges],
  exports: [OneTimeChallenges],
})
export class OneTimeChallengesModule {}
