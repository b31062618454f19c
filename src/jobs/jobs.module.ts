import { Module } from '@nestjs/common';
import { ApprovalsModule } from '../approvals/approvals.module';
import { AuthoritiesModule } from '../authorities/authorities.module';
import { OneTimeChallengesModule } from '../challenges/one-time/one-time-challenges.module';
import { ApprovalExpiryJob } from './approval-expiry.job';
import { CrlJob } from './crl.job';
import { JOBS, type Job } from './job';
import { JobRunner } from './job-runner';
import { LogPartitionJob } from './log-partition.job';
import { OneTimeChallengeJob } from './one-time-challenge.job';
import { RaCertificateRenewalJob } from './ra-certificate-renewal.job';
import { RolloverJob } from './rollover.job';

/** Timed work. Needs the database's providers and CLOCK and LOGGER globally. */
@Module({
  imports: [ApprovalsModule, AuthoritiesModule, OneTimeChallengesModule],
  providers: [
    RaCertificateRenewalJob,
    LogPartitionJob,
    CrlJob,
    RolloverJob,
    ApprovalExpiryJob,
    OneTimeChallengeJob,
    {
      provide: JOBS,
      useFactory: (...jobs: Job[]) => jobs,
      inject: [RaCertificateRenewalJob, LogPartitionJob, RolloverJob, CrlJob, ApprovalExpiryJob, OneTimeChallengeJob],
    },
    JobRunner,
  ],
  exports: [LogPartitionJob],
})
export class JobsModule {}
