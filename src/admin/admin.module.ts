import { Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE, DiscoveryModule } from '@nestjs/core';
import { AliasesModule } from '../aliases/aliases.module';
import { ApprovalsModule } from '../approvals/approvals.module';
import { AuditModule } from '../audit/audit.module';
import { AuthoritiesModule } from '../authorities/authorities.module';
import { CertificatesModule } from '../certificates/certificates.module';
import { ChallengesModule } from '../challenges/challenges.module';
import { OneTimeChallengesModule } from '../challenges/one-time/one-time-challenges.module';
import { DoctorModule } from '../doctor/doctor.module';
import { EndEntitiesModule } from '../end-entities/end-entities.module';
import { EnrolmentModule } from '../enrolment/enrolment.module';
import { ProfilesModule } from '../profiles/profiles.module';
import { RaAccountsModule } from '../ra-accounts/ra-accounts.module';
import { RequestsModule } from '../requests/requests.module';
import { AliasesController } from './aliases/aliases.controller';
import { EjbcaAliasesController } from './aliases/ejbca-aliases.controller';
import { ApprovalsController } from './approvals/approvals.controller';
import { AuditEventsController } from './audit-events/audit-events.controller';
import { AuthoritiesController } from './authorities/authorities.controller';
import { RolloverController } from './authorities/rollover.controller';
import { BearerTokenGuard } from './bearer-token.guard';
import { CertificateProfilesController } from './certificate-profiles/certificate-profiles.controller';
import { CertificatesController } from './certificates/certificates.controller';
import { ChallengesController } from './challenges/challenges.controller';
import { DeviceProfilesController } from './device-profiles/device-profiles.controller';
import { DoctorController } from './doctor/doctor.controller';
import { EndEntitiesController } from './end-entities/end-entities.controller';
import { EndEntityProfilesController } from './end-entity-profiles/end-entity-profiles.controller';
import { InputPipe } from './input.pipe';
import { ProblemFilter } from './problem.filter';
import { RaAccountsController } from './ra-accounts/ra-accounts.controller';
import { RequestsController } from './requests/requests.controller';

/** The administrators' REST interface: every route is behind the guard, every input checked, every error a problem. */
@Module({
  imports: [
    DiscoveryModule,
    AuditModule,
    AuthoritiesModule,
    RequestsModule,
    ProfilesModule,
    CertificatesModule,
    EndEntitiesModule,
    AliasesModule,
    ChallengesModule,
    OneTimeChallengesModule,
    ApprovalsModule,
    EnrolmentModule,
    RaAccountsModule,
    DoctorModule,
  ],
  controllers: [
    AliasesController,
    ApprovalsController,
    AuditEventsController,
    AuthoritiesController,
    RolloverController,
    CertificateProfilesController,
    CertificatesController,
    ChallengesController,
    DeviceProfilesController,
    DoctorController,
    EjbcaAliasesController,
    EndEntitiesController,
    EndEntityProfilesController,
    RaAccountsController,
    RequestsController,
  ],
  providers: [
    { provide: APP_GUARD, useClass: BearerTokenGuard },
    { provide: APP_PIPE, useClass: InputPipe },
    { provide: APP_FILTER, useClass: ProblemFilter },
  ],
})
export class AdminModule {}
