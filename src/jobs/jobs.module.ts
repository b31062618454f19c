import { Module } from '@nestjs/common';
import { AliasesModule } from '../aliases/aliases.module';
import { ApprovalsModule } from '../approvals/approvals.module';
import { AuthoritiesModule } from '../authorities/authorities.module';
import { ChallengesModule } from '../challenges/challenges.module';
import { OneTimeChallengesModule } from '../challenges/one-time/one-time-challenges.module';
import { EndEntitiesModule } from '../end-entities/end-entities.module';
import { EnrolmentModule } from '../enrolment/enrolment.module';
import { ApprovalExpiryJob } from './approval-expiry.job';
import { CertificateReleaseJob } from './certificate-release.job';
import { CrlJob } from './crl.job';
import { IntuneRevocationJob } from './intune-revocation.job';
import { JOBS, type Job } from './job';
import { JobRunner } from './job-runner';
import { LogPartitionJob } from './log-partition.job';
import { OneTimeChallengeJob } from './one-time-challenge.job';
import { RaCertificateRenewalJob } from './ra-certificate-renewal.job';
import { RolloverJob } from './rollover.job';

/** Timed work. Needs the database's providers and CLOCK and LOGGER globally. */
@Module({
  imports: [
    AliasesModule,
    ApprovalsModule,
    AuthoritiesModule,
    ChallengesModule,
    EndEntitiesModule,
    EnrolmentModule,
    OneTimeChallengesModule,
  ],
  providers: [
    RaCertificateRenewalJob,
    LogPartitionJob,
    CrlJob,
    RolloverJob,
    ApprovalExpiryJob,
    OneTimeChallengeJob,
    CertificateReleaseJob,
    IntuneRevocationJob,
    {
      provide: JOBS,
      useFactory: (...jobs: Job[]) => jobs,
      inject: [
        RaCertificateRenewalJob,
        LogPartitionJob,
        RolloverJob,
        CrlJob,
        ApprovalExpiryJob,
        OneTimeChallengeJob,
        CertificateReleaseJob,
        IntuneRevocationJob,
      ],
    },
    JobRunner,
  ],
  exports: [LogPartitionJob],
})
export class JobsModule {}
