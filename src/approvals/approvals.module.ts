import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module';
import { KeysModule } from '../keys/keys.module';
import { ApprovalRepository } from './approval.repository';
import { ApprovalSecrets } from './approval-secrets';
import { ApprovalService } from './approval.service';

const PROVIDERS = [ApprovalRepository, ApprovalSecrets, ApprovalService];

/** Requests that wait for an officer. Needs the database's providers, CLOCK and RANDOM_SOURCE globally. */
@Module({ imports: [AuditModule, KeysModule], providers: PROVIDERS, exports: PROVIDERS })
export class ApprovalsModule {}
