import { Module } from '@nestjs/common';
import { KeysModule } from '../keys/keys.module';
import { ProfilesModule } from '../profiles/profiles.module';
import { AuditModule } from '../audit/audit.module';
import { AliasCatalogue } from './alias-catalogue';
import { AliasAvailability } from './alias-availability';
import { AliasSecretStore } from './alias-secret.store';
import { EjbcaAliases } from './ejbca/ejbca-aliases';
import { SourceLockouts } from './source-lockouts';
import { AliasRegistry } from './alias.registry';

const PROVIDERS = [AliasRegistry, AliasCatalogue, EjbcaAliases, AliasAvailability, SourceLockouts];

/** The aliases. Needs the database's providers, CLOCK, RANDOM_SOURCE and LOGGER globally. */
@Module({
  imports: [AuditModule, KeysModule, ProfilesModule],
  providers: [AliasSecretStore, ...PROVIDERS],
  exports: PROVIDERS,
})
export class AliasesModule {}
