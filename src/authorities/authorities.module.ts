import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module';
import { KeysModule } from '../keys/keys.module';
import { AuthorityCatalogue } from './authority-catalogue';
import { AuthorityService } from './authority.service';
import { CrlCatalogue } from './crl-catalogue';
import { AuthorityInformation } from './authority-information';
import { CaCertificateCatalogue } from './ca-certificate-catalogue';
import { CrlDistributionPoints } from './crl-distribution-points';
import { CrlIssuer } from './crl-issuer';
import { CrlWriter } from './crl-writer';
import { RaCertificateService } from './ra-certificate.service';
import { RolloverService } from './rollover.service';

const PROVIDERS = [
  AuthorityCatalogue,
  AuthorityService,
  RaCertificateService,
  RolloverService,
  CrlCatalogue,
  CrlDistributionPoints,
  AuthorityInformation,
  CaCertificateCatalogue,
  CrlIssuer,
  CrlWriter,
];

/** Authorities. Needs the database's providers, CLOCK, RANDOM_SOURCE and LOGGER globally. */
@Module({ imports: [AuditModule, KeysModule], providers: PROVIDERS, exports: PROVIDERS })
export class AuthoritiesModule {}
