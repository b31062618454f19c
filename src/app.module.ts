import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { AdminModule } from './admin/admin.module';
import { configureAdmin } from './admin/configure-admin';
import { ApprovalEntity } from './approvals/approval.entity';
import { ApprovalsModule } from './approvals/approvals.module';
import { AuditEventEntity } from './audit/audit-event.entity';
import { AuditModule } from './audit/audit.module';
import { AuthoritiesModule } from './authorities/authorities.module';
import { AuthorityGenerationEntity } from './authorities/authority-generation.entity';
import { AuthorityEntity } from './authorities/authority.entity';
import { CrlEntity } from './authorities/crl.entity';
import { RaCertificateEntity } from './authorities/ra-certificate.entity';
import { CertificatesModule } from './certificates/certificates.module';
import { ChallengesModule } from './challenges/challenges.module';
import { NestLogger } from './common/logger';
import { GroundModule } from './config/ground.module';
import type { Ground } from './config/ground.module';
import { CrlDistributionModule } from './crl-distribution/crl-distribution.module';
import { CaCertificateDoor } from './crl-distribution/ca-certificate-door';
import { CrlDoor } from './crl-distribution/crl-door';
import { DatabaseModule } from './database/database.module';
import { EnrolmentModule } from './enrolment/enrolment.module';
import { LogPartitionJob } from './jobs/log-partition.job';
import { JobsModule } from './jobs/jobs.module';
import { KeyEntity } from './keys/key.entity';
import { KeysModule } from './keys/keys.module';
import { SealedSecretEntity } from './keys/sealed-secret.entity';
import { ADMIN_DOORS } from './listeners/admin-door';
import type { AdminDoor } from './listeners/admin-door';
import { DEVICE_DOORS } from './listeners/device-door';
import type { DeviceDoor } from './listeners/device-door';
import { ChallengeWebhookDoor } from './ndes/challenge-webhook.door';
import { NdesDoor } from './ndes/ndes-door';
import { NdesModule } from './ndes/ndes.module';
import { CertificateProfileEntity } from './profiles/certificate-profile.entity';
import {
  AllowedAuthorityEntity,
  AllowedCertificateProfileEntity,
  EndEntityProfileEntity,
} from './profiles/end-entity-profile.entity';
import { NotificationEntity } from './notifications/notification.entity';
import { ProfilesModule } from './profiles/profiles.module';
import { UnreleasedCertificateEntity } from './enrolment/unreleased-certificate.entity';
import { RaAccountAliasEntity, RaAccountEntity } from './ra-accounts/ra-account.entity';
import { RaAccountsModule } from './ra-accounts/ra-accounts.module';
import { RequestEntity } from './requests/request.entity';
import { RequestsModule } from './requests/requests.module';
import { UndecodableRequestEntity } from './requests/undecodable-request.entity';
import { ScepDoor } from './scep/transport/scep-door';
import { ScepModule } from './scep/transport/scep.module';
import { AliasAuthorityEntity, AliasEntity, AliasSecretEntity, AliasTemplateEntity } from './aliases/alias.entity';
import { AliasFailedAttemptEntity, AliasRegistrationEntity } from './aliases/alias-registration.entity';
import { CertificateEntity } from './certificates/certificate.entity';
import { CompromisedKeyEntity } from './certificates/compromised-key.entity';
import { SupersededCertificateEntity } from './certificates/superseded-certificate.entity';
import { UniqueClaimEntity } from './certificates/unique-claim.entity';
import { EndEntitiesModule } from './end-entities/end-entities.module';
import { EndEntityEntity } from './end-entities/end-entity.entity';
import { FailedAttemptEntity } from './end-entities/failed-attempt.entity';
import { AliasesModule } from './aliases/aliases.module';
import { DailyChallengeKeyEntity } from './challenges/daily/daily-challenge-key.entity';
import { OneTimeChallengeEntity } from './challenges/one-time/one-time-challenge.entity';
import { OneTimeChallengesModule } from './challenges/one-time/one-time-challenges.module';
import { FirstStart } from './startup/first-start';
import { OpenAliasWarning } from './startup/open-alias-warning';
import { Welcome } from './startup/welcome';
import { START_STEPS } from './startup/start-step';
import type { StartStep } from './startup/start-step';

/** The TypeORM entities of all rooms; a test finds those that are missing here. */
export const ENTITIES = [
  SealedSecretEntity,
  KeyEntity,
  AuditEventEntity,
  RequestEntity,
  NotificationEntity,
  UndecodableRequestEntity,
  CertificateProfileEntity,
  EndEntityProfileEntity,
  AllowedAuthorityEntity,
  AllowedCertificateProfileEntity,
  AuthorityEntity,
  AuthorityGenerationEntity,
  RaCertificateEntity,
  CrlEntity,
  CertificateEntity,
  CompromisedKeyEntity,
  SupersededCertificateEntity,
  UniqueClaimEntity,
  EndEntityEntity,
  FailedAttemptEntity,
  AliasEntity,
  AliasAuthorityEntity,
  ApprovalEntity,
  AliasTemplateEntity,
  OneTimeChallengeEntity,
  DailyChallengeKeyEntity,
  AliasSecretEntity,
  UnreleasedCertificateEntity,
  RaAccountEntity,
  RaAccountAliasEntity,
  AliasRegistrationEntity,
  AliasFailedAttemptEntity,
];

/** The modules of all rooms above the database, lowest first. */
const ROOMS = [
  KeysModule,
  AuditModule,
  RequestsModule,
  ProfilesModule,
  CertificatesModule,
  AuthoritiesModule,
  EndEntitiesModule,
  OneTimeChallengesModule,
  ChallengesModule,
  AliasesModule,
  RaAccountsModule,
  ApprovalsModule,
  EnrolmentModule,
  JobsModule,
  ScepModule,
  CrlDistributionModule,
  NdesModule,
  AdminModule,
];

/** The devices' doors, by class, in the order in which they are asked. */
const DOORS: (new (...dependencies: never[]) => DeviceDoor)[] = [ScepDoor, CrlDoor, CaCertificateDoor];

/** What is to be there before the gateway serves, by class, in order. */
const STEPS: (new (...dependencies: never[]) => StartStep)[] = [LogPartitionJob, FirstStart, OpenAliasWarning];

/** The only place that knows every room. */
@Module({})
export class AppModule {
  /** @param ground what every room stands on */
  static forRoot(ground: Ground): DynamicModule {
    return {
      module: AppModule,
      imports: [GroundModule.forRoot(ground), DatabaseModule.forRoot(ENTITIES), ...ROOMS],
      providers: [
        FirstStart,
        OpenAliasWarning,
        Welcome,
        { provide: DEVICE_DOORS, inject: DOORS, useFactory: (...doors: DeviceDoor[]) => doors },
        {
          provide: ADMIN_DOORS,
          inject: [NdesDoor, ChallengeWebhookDoor],
          useFactory: (...doors: AdminDoor[]) => doors,
        },
        { provide: START_STEPS, inject: STEPS, useFactory: (...steps: StartStep[]) => steps },
      ],
    };
  }
}

/** Makes the application, not initialised yet: `Gateway.open` does that. */
export async function createApplication(ground: Ground): Promise<NestExpressApplication> {
  // A failing start is reported by whoever started it, not by an exit from within.
  const options = { logger: new NestLogger(ground.logger), abortOnError: false, bodyParser: false };
  const application = await NestFactory.create<NestExpressApplication>(AppModule.forRoot(ground), options);
  application.disable('x-powered-by');
  configureAdmin(application);
  return application;
}
