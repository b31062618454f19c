import { Module } from '@nestjs/common';
import { AliasesModule } from '../aliases/aliases.module';
import { ApprovalsModule } from '../approvals/approvals.module';
import { AuditModule } from '../audit/audit.module';
import { AuthoritiesModule } from '../authorities/authorities.module';
import { ChallengesModule } from '../challenges/challenges.module';
import { OneTimeChallengesModule } from '../challenges/one-time/one-time-challenges.module';
import { EndEntitiesModule } from '../end-entities/end-entities.module';
import { EnrolmentModule } from '../enrolment/enrolment.module';
import { WebhookModule } from '../challenges/webhook/webhook.module';
import { NotificationsModule } from '../notifications/notifications.module';
import { ApprovalExpiryJob } from './approval-expiry.job';
import { CertificateReleaseJob } from './certificate-release.job';
import { CrlJob } from './crl.job';
import { IntuneRevocationJob } from './intune-revocation.job';
import { JOBS, type Job } from './job';
import { JobRunner } from './job-runner';
import { NotificationDelivery } from './notification-delivery';
import { NotificationJob } from './notification.job';
import { LogPartitionJob } from './log-partition.job';
import { OneTimeChallengeJob } from './one-time-challenge.job';
import { RaCertificateRenewalJob } from './ra-certificate-renewal.job';
import { RolloverJob } from './rollover.job';
import { SupersededCertificateJob } from './superseded-certificate.job';

/** Timed work. Needs the database's providers and CLOCK and LOGGER globally. */
@Module({
  imports: [
    AliasesModule,
    ApprovalsModule,
    AuditModule,
    AuthoritiesModule,
    ChallengesModule,
    EndEntitiesModule,
    EnrolmentModule,
    NotificationsModule,
    OneTimeChallengesModule,
    WebhookModule,
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
    NotificationDelivery,
    NotificationJob,
    SupersededCertificateJob,
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
        NotificationJob,
        SupersededCertificateJob,
      ],
    },
    JobRunner,
  ],
  exports: [LogPartitionJob],
})
export class JobsModule {}
