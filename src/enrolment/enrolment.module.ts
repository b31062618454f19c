import { Module } from '@nestjs/common';
import { AliasesModule } from '../aliases/aliases.module';
import { ApprovalsModule } from '../approvals/approvals.module';
import { AuthoritiesModule } from '../authorities/authorities.module';
import { ChallengesModule } from '../challenges/challenges.module';
import { EndEntitiesModule } from '../end-entities/end-entities.module';
import { KeysModule } from '../keys/keys.module';
import { ProfilesModule } from '../profiles/profiles.module';
import { RequestsModule } from '../requests/requests.module';
import { ApprovalGate } from './approval-gate';
import { ApprovalIssuer } from './approval-issuer';
import { ApprovedIssuingWriter } from './approved-issuing.writer';
import { CertificateRelease } from './certificate-release';
import { ChallengeJudgement } from './challenge-judgement';
import { EnrolmentFactsReader } from './enrolment-facts.reader';
import { EnrolmentService } from './enrolment.service';
import { HeldRequests } from './held-certificate';
import { Issuance } from './issuance';
import { IssuingWriter } from './issuing.writer';
import { PendingWriter } from './pending.writer';
import { PollFactsReader } from './poll-facts.reader';
import { PollService } from './poll.service';
import { RefusalWriter } from './refusal.writer';
import { ValidatedRequests } from './validated-requests';

/** The enrolment use case. Needs the database's providers, CONFIG, CLOCK, RANDOM_SOURCE and LOGGER globally. */
@Module({
  imports: [
    AliasesModule,
    ApprovalsModule,
    AuthoritiesModule,
    ChallengesModule,
    EndEntitiesModule,
    KeysModule,
    ProfilesModule,
    RequestsModule,
  ],
  providers: [
    EnrolmentFactsReader,
    ChallengeJudgement,
    ValidatedRequests,
    HeldRequests,
    CertificateRelease,
    ApprovalGate,
    PendingWriter,
    IssuingWriter,
    ApprovedIssuingWriter,
    ApprovalIssuer,
    PollFactsReader,
    PollService,
    Issuance,
    RefusalWriter,
    EnrolmentService,
  ],
  exports: [ApprovalIssuer, CertificateRelease, EnrolmentService, PollService, RefusalWriter, ValidatedRequests],
})
export class EnrolmentModule {}
