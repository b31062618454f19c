import { Module } from '@nestjs/common';
import { AuditLog } from './audit-log';
import { AuditReader } from './audit-reader';
import { AuditedChange } from './audited-change';

const PROVIDERS = [AuditLog, AuditReader, AuditedChange];

/** The audit log. Needs the database's providers, CLOCK and RANDOM_SOURCE globally. */
@Module({ providers: PROVIDERS, exports: PROVIDERS })
export class AuditModule {}
