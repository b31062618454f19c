import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module';
import { CertificateProfileRegistry } from './certificate-profile.registry';
import { DefaultProfiles } from './default-profiles';
import { EndEntityProfileRegistry } from './end-entity-profile.registry';
import { ProfileCatalogue } from './profile-catalogue';

const PROVIDERS = [CertificateProfileRegistry, EndEntityProfileRegistry, DefaultProfiles, ProfileCatalogue];

/** Certificate profiles and end entity profiles. Needs the database's providers, CLOCK and LOGGER globally. */
@Module({ imports: [AuditModule], providers: PROVIDERS, exports: PROVIDERS })
export class ProfilesModule {}
