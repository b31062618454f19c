import { standingOf } from '../approvals/approval-state';
import { ServiceError } from '../common/service-error';
import type { ApprovalFacts } from './enrolment-facts.reader';

/**
 * The error for a request that no officer has approved and none will; undefined for one that waits, or whose certificate
 * the ledger has.
 */
export function approvalRefusal(approval: ApprovalFacts, now: Date): ServiceError | undefined {
  switch (standingOf(approval, now)) {
    case 'waiting':
    case 'approved':
      return undefined;
    case 'rejected':
      return refused(
        'approval.rejected',
        approval.toldReason === null
          ? 'the request was rejected: ask the administrator before it is made again'
          : `the request was rejected: ${approval.toldReason}`,
        `approval ${approval.id} was rejected`,
      );
    case 'expired':
    case 'due':
      return refused(
        'approval.expiresAfter',
        'nobody has approved the request in time: make it again',
        `approval ${approval.id} has expired at ${approval.expiresAt.toISOString()}`,
      );
    case 'void':
      return refused(
        'approval.end-entity-epoch',
        'the request can no longer be approved: make it again',
        `since approval ${approval.id} was asked for, its end entity was put back to NEW`,
      );
  }
}

const refused = (rule: string, detail: string, explanation: string): ServiceError =>
  new ServiceError('approval-rejected', detail, { rule, explanation });
