import { Module } from '@nestjs/common';
import { KeysModule } from '../keys/keys.module';
import { AuditModule } from '../audit/audit.module';
import { AliasCatalogue } from './alias-catalogue';
import { AliasSecretStore } from './alias-secret.store';
import { AliasRegistry } from './alias.registry';

const PROVIDERS = [AliasRegistry, AliasCatalogue];

/** The aliases. Needs the database's providers, CLOCK, RANDOM_SOURCE and LOGGER globally. */
@Module({ imports: [AuditModule, KeysModule], providers: [AliasSecretStore, ...PROVIDERS], exports: PROVIDERS })
export class AliasesModule {}
