import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module';
import { AliasCatalogue } from './alias-catalogue';
import { AliasRegistry } from './alias.registry';

const PROVIDERS = [AliasRegistry, AliasCatalogue];

/** The aliases. Needs the database's providers, CLOCK, RANDOM_SOURCE and LOGGER globally. */
@Module({ imports: [AuditModule], providers: PROVIDERS, exports: PROVIDERS })
export class AliasesModule {}
