import { Inject, Injectable } from '@nestjs/common';

import { ApprovalRepository, type WaitingRequest } from '../approvals/approval.repository';
import { ApprovalSecrets } from '../approvals/approval-secrets';
import { ApprovalService } from '../approvals/approval.service';
import { standingOf } from '../approvals/approval-state';
import { CLOCK, type Clock } from '../common/clock';
import { RANDOM_SOURCE, type RandomSource } from '../common/random-source';
import { ServiceError } from '../common/service-error';
import { EndEntityStatus } from '../end-entities/end-entity-status';
import { after, parsePeriod } from '../profiles/period';
import { RequestLog } from '../requests/request-log';
import { approvalRefusal } from './approval-answer';
import type { ApprovalFacts } from './enrolment-facts.reader';
import type { EnrolmentOutcome, EnrolmentRequest, PendingOutcome } from './enrolment-request';
import { type Grant, Issuance } from './issuance';
import { contentHash } from './ledger-key';
import { registeredNames } from './registration';
import { MAX_TRANSACTIONS, PendingWriter, type WaitingResult } from './pending.writer';

/** What an approval makes of a request. A write may have to be waited for; `changed`: judge it by what is true now. */
export interface Held {
  readonly provisional: EnrolmentOutcome;
  readonly settled: Promise<EnrolmentOutcome | 'changed'>;
}

const OPENED: PendingOutcome = { kind: 'pending', repeated: false };
const AGAIN: PendingOutcome = { kind: 'pending', repeated: true };

/** In the place of steps 13 and 14 of the list in docs/architecture.md: has a request wait for an officer. */
@Injectable()
export class ApprovalGate {
  constructor(
    private readonly writer: PendingWriter,
    private readonly approvals: ApprovalRepository,
    private readonly service: ApprovalService,
    private readonly secrets: ApprovalSecrets,
    private readonly issuance: Issuance,
    private readonly requestLog: RequestLog,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(RANDOM_SOURCE) private readonly random: RandomSource,
  ) {}

  /**
   * What the ledger's approval means for an equal request: it waits still, or it was refused and this is the very message
   * that was (a client such as micromdm's polls by sending it again). Undefined: the request is one of its own.
   */
  async standing(request: EnrolmentRequest, approval: ApprovalFacts): Promise<Held | 'changed' | undefined> {
    const now = request.receivedAt;
    switch (standingOf(approval, now)) {
      case 'waiting': {
        const record = request.journal.pending(approval);
        return { provisional: AGAIN, settled: this.requestLog.append(record).then(() => AGAIN) };
      }
      case 'due':
        await this.service.expire(approval.id);
        return 'changed';
      default: {
        const error = approvalRefusal(approval, now);
        return error !== undefined && approval.messageHash.equals(request.messageHash()) ? refusedBy(error) : undefined;
      }
    }
  }

  /**
   * Lets a request wait for the decision on an equal one of the same end entity that waits already: one with another
   * transactionID (row P-05), or addressed to another generation. Undefined: there is none.
   * @throws ServiceError `request-refused` when the end entity has too many requests that wait
   */
  async join(request: EnrolmentRequest, ledgerKey: Buffer, grant: Grant): Promise<Held | 'changed' | undefined> {
    const { endEntity } = grant;
    if (endEntity.openApprovals === 0) return undefined;
    const waiting = await this.approvals.waitingOf(endEntity.id, endEntity.epoch);
    const due = waiting.filter(({ expiresAt }) => expiresAt <= request.receivedAt);
    for (const { id } of due) await this.service.expire(id);
    if (due.length > 0) return 'changed';
    const content = contentHash(request, endEntity);
    const same = waiting.find((other) => other.contentHash.equals(content));
    return same && this.joinTo(same, request, ledgerKey, grant);
  }

  /**
   * Opens an approval for a request that may be issued but for the officer's word.
   * @throws ServiceError what {@link Issuance.draft} throws, and `request-refused` for too many that wait
   */
  async open(request: EnrolmentRequest, ledgerKey: Buffer, grant: Grant): Promise<Held> {
    const { alias, authority } = request;
    // Not the request's: what cannot be a renewal may have been let in as an enrolment.
    const { endEntity, renewal } = grant;
    if (endEntity.openApprovals >= alias.limits.openApprovalsPerEndEntity)
      throw tooMany(
        'limits.openApprovalsPerEndEntity',
        `end entity ${endEntity.username} has ${endEntity.openApprovals}`,
      );
    const { template } = await this.issuance.draft(request, grant);
    const now = this.clock.now();
    const id = this.random.uuid();
    const expiresAt = expiry(alias.approval.expiresAfter, now);
    const pending = {
      id,
      alias,
      authority,
      generationId: request.generation.id,
      endEntity,
      reserved: renewal === undefined && (alias.challenge.kind !== 'approval' || hasCertificate(endEntity)),
      messageType: request.messageType,
      transactionID: request.transactionID,
      source: request.source,
      renews: renewal && {
        authorityId: renewal.issuer.id,
        serialNumber: Buffer.from(renewal.certificate.serialHex, 'hex'),
      },
      contentHash: contentHash(request, endEntity),
      messageHash: request.messageHash(),
      signerKeyHash: request.signerKey.hash,
      certificationRequest: request.certificationRequest,
      sealedChallengePassword: this.sealed(id, request),
      createdAt: now,
      expiresAt,
    };
    const { username } = endEntity;
    const written = this.writer.open({
      request,
      ledgerKey,
      grant,
      now,
      pending,
      names: registeredNames(template),
      record: request.journal.pending({ id, username, expiresAt }),
      audit: {
        id: this.random.uuid(),
        entry: {
          actor: 'gateway',
          action: 'approval.open',
          target: `approvals/${id}`,
          details: {
            endEntity: username,
            alias: alias.name,
            transactionID: request.transactionID,
            request: request.id,
          },
        },
      },
    });
    const full = (): EnrolmentOutcome =>
      refusal(tooMany('limits.openApprovals', `alias ${alias.name} has reached its limit`));
    return { provisional: OPENED, settled: written.then((result) => settledAs(result, OPENED, full)) };
  }

  private joinTo(
    { id, expiresAt, transactions }: WaitingRequest,
    request: EnrolmentRequest,
    ledgerKey: Buffer,
    grant: Grant,
  ): Held {
    if (transactions >= MAX_TRANSACTIONS)
      throw tooMany('approval.transactions', `approval ${id} is waited for by ${transactions} transactions`);
    const record = request.journal.pending({ id, username: grant.endEntity.username, expiresAt });
    const written = this.writer.join({ request, ledgerKey, grant, now: this.clock.now(), record }, id);
    return { provisional: AGAIN, settled: written.then((result) => settledAs(result, AGAIN, () => AGAIN)) };
  }

  /** Only where the answer will have to be encrypted with it. */
  private sealed(id: string, { answeredByPassword, certificationRequest }: EnrolmentRequest): Buffer | undefined {
    const { challengePassword } = certificationRequest;
    return answeredByPassword && challengePassword !== undefined ? this.secrets.seal(id, challengePassword) : undefined;
  }
}

/** Only in RA mode such a one enrols; it has no allowed request to give, and must not seem to have got one back. */
const hasCertificate = ({ status }: Grant['endEntity']): boolean => status === EndEntityStatus.GENERATED;

const settledAs = (
  result: WaitingResult,
  outcome: PendingOutcome,
  full: () => EnrolmentOutcome,
): EnrolmentOutcome | 'changed' => (result === 'written' ? outcome : result === 'full' ? full() : result);

const refusal = (error: ServiceError): EnrolmentOutcome => ({ kind: 'refused', error, failedAttempt: undefined });

const refusedBy = (error: ServiceError): Held => {
  const outcome = refusal(error);
  return { provisional: outcome, settled: Promise.resolve(outcome) };
};

const tooMany = (rule: string, explanation: string): ServiceError =>
  new ServiceError('request-refused', 'too many requests wait for approval already: ask the administrator', {
    rule,
    explanation: `too many requests wait for approval: ${explanation}`,
  });

function expiry(expiresAfter: string, now: Date): Date {
  const period = parsePeriod(expiresAfter);
  // It was checked when it was set.
  if (period === undefined) throw new Error(`"${expiresAfter}" is no period`);
  return after(now, period);
}
