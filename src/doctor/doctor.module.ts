import { Module } from '@nestjs/common';
import { AliasesModule } from '../aliases/aliases.module';
import { AuthoritiesModule } from '../authorities/authorities.module';
import { ProfilesModule } from '../profiles/profiles.module';
import { Doctor } from './doctor';
import { EnrolmentReadinessReader } from './enrolment-readiness.reader';

/** What would go wrong with an alias. Needs the database's providers, CONFIG and CLOCK globally. */
@Module({
  imports: [AliasesModule, AuthoritiesModule, ProfilesModule],
  providers: [Doctor, EnrolmentReadinessReader],
  exports: [Doctor],
})
export class DoctorModule {}
