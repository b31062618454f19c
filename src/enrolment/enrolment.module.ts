import { Module } from '@nestjs/common';
import { AuthoritiesModule } from '../authorities/authorities.module';
import { EndEntityChallenge } from '../challenges/end-entity.challenge';
import { KeysModule } from '../keys/keys.module';
import { ProfilesModule } from '../profiles/profiles.module';
import { RequestsModule } from '../requests/requests.module';
import { EnrolmentFactsReader } from './enrolment-facts.reader';
import { EnrolmentService } from './enrolment.service';
import { Issuance } from './issuance';
import { IssuingWriter } from './issuing.writer';
import { RefusalWriter } from './refusal.writer';

/** The enrolment use case. Needs the database's providers, CONFIG, CLOCK, RANDOM_SOURCE and LOGGER globally. */
@Module({
  imports: [AuthoritiesModule, KeysModule, ProfilesModule, RequestsModule],
  providers: [EnrolmentFactsReader, EndEntityChallenge, IssuingWriter, Issuance, RefusalWriter, EnrolmentService],
  exports: [EnrolmentService, RefusalWriter],
})
export class EnrolmentModule {}
