import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module';
import { AuthoritiesModule } from '../authorities/authorities.module';
import { CertificatesModule } from '../certificates/certificates.module';
import { KeysModule } from '../keys/keys.module';
import { ProfilesModule } from '../profiles/profiles.module';
import { CertificateRevocation } from './certificate-revocation';
import { SupersededCertificates } from './superseded-certificates';
import { EndEntityService } from './end-entity.service';

const PROVIDERS = [EndEntityService, CertificateRevocation, SupersededCertificates];

/** The end entities. Needs the database's providers, CONFIG, CLOCK, RANDOM_SOURCE and LOGGER globally. */
@Module({
  imports: [AuditModule, AuthoritiesModule, CertificatesModule, KeysModule, ProfilesModule],
  providers: PROVIDERS,
  exports: PROVIDERS,
})
export class EndEntitiesModule {}
