import { Injectable } from '@nestjs/common';
import { ApprovalService } from '../approvals/approval.service';
import type { Job } from './job';

const MINUTE_MS = 60_000;

/**
 * Ends what has waited for an officer for too long. Until it comes round, what is due is judged as expired already; what
 * it adds is that end entities get back what was set aside for them. And forgets passwords that no answer needs any more.
 */
@Injectable()
export class ApprovalExpiryJob implements Job {
  readonly name = 'approval-expiry';
  readonly everyMs = MINUTE_MS;

  constructor(private readonly approvals: ApprovalService) {}

  async run(): Promise<void> {
    await this.approvals.expireDue();
    await this.approvals.forgetPasswords();
  }
}
