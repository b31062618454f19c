import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module';
import { KeysModule } from '../keys/keys.module';
import { RaAccountLogin } from './ra-account.login';
import { RaAccountService } from './ra-account.service';

const PROVIDERS = [RaAccountService, RaAccountLogin];

/** Accounts of those who fetch challenges. Needs the database's providers, CLOCK and RANDOM_SOURCE globally. */
@Module({ imports: [AuditModule, KeysModule], providers: PROVIDERS, exports: PROVIDERS })
export class RaAccountsModule {}
