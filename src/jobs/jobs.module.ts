import { Module } from '@nestjs/common';
import { AuthoritiesModule } from '../authorities/authorities.module';
import { CrlJob } from './crl.job';
import { JOBS, type Job } from './job';
import { JobRunner } from './job-runner';
import { LogPartitionJob } from './log-partition.job';
import { RaCertificateRenewalJob } from './ra-certificate-renewal.job';
import { RolloverJob } from './rollover.job';

/** Timed work. Needs the database's providers and CLOCK and LOGGER globally. */
@Module({
  imports: [AuthoritiesModule],
  providers: [
    RaCertificateRenewalJob,
    LogPartitionJob,
    CrlJob,
    RolloverJob,
    {
      provide: JOBS,
      useFactory: (...jobs: Job[]) => jobs,
      inject: [RaCertificateRenewalJob, LogPartitionJob, RolloverJob, CrlJob],
    },
    JobRunner,
  ],
  exports: [LogPartitionJob],
})
export class JobsModule {}
