import { Injectable } from '@nestjs/common';

import type { Alias } from '../aliases/alias';
import { ApprovalSecrets } from '../approvals/approval-secrets';
import { AuthorityCatalogue } from '../authorities/authority-catalogue';
import type { Authority, Generation } from '../authorities/authority';
import { ServiceError } from '../common/service-error';
import type { PublicKey } from '../pki/x509/public-key';
import { RequestLog } from '../requests/request-log';
import { approvalRefusal } from './approval-answer';
import type { ApprovalFacts } from './enrolment-facts.reader';
import type { EnrolmentJournal, IssuedOutcome, PendingOutcome, UnsettledOutcome } from './enrolment-request';
import { type PolledCertificate, PollFactsReader } from './poll-facts.reader';

/** Who asks what became of a request. */
export interface Poll {
  readonly receivedAt: Date;
  readonly alias: Alias;
  readonly transactionID: string;
  /** The key that signed the poll, and must have signed the request. */
  readonly signerKey: PublicKey;
  /** Whom the poll is addressed to; undefined where that is nobody here. */
  readonly authority: Authority | undefined;
  readonly journal: EnrolmentJournal;
}

/** The answer, and what it takes to encrypt a certificate to a key that cannot decrypt. */
export interface PollAnswer {
  readonly answer: UnsettledOutcome;
  /** Of the request; undefined where it is not needed, or was issued without an officer and so is not known any more. A secret. */
  readonly challengePassword: string | undefined;
}

const PENDING: PendingOutcome = { kind: 'pending', repeated: true };

/** Tells what became of a request: nothing is issued here. */
@Injectable()
export class PollService {
  constructor(
    private readonly facts: PollFactsReader,
    private readonly authorities: AuthorityCatalogue,
    private readonly secrets: ApprovalSecrets,
    private readonly requestLog: RequestLog,
  ) {}

  /**
   * The answer to a poll: pending, or the certificate, as often as it is asked for.
   * @throws ServiceError `transaction-unknown` where this key has made no such request, or its certificate is no answer any
   *   more; `approval-rejected` where there will be none
   */
  async poll(poll: Poll): Promise<PollAnswer> {
    const { alias, transactionID, signerKey, authority, journal, receivedAt } = poll;
    const facts = await this.facts.read(alias.id, transactionID, signerKey.hash);
    if (facts === undefined || (authority !== undefined && facts.authorityId !== authority.id))
      throw unknown(
        'poll.transaction',
        'no request with this transactionID was made here with this key: make it first',
        `alias ${alias.name} and the authority that is addressed know no request with this transactionID that was signed with this key`,
      );
    if (facts.username !== null) journal.usernameFound(facts.username);
    const { issued, approval, sealedChallengePassword: sealed } = facts;
    if (issued === undefined)
      return { answer: this.waiting(approval, receivedAt, journal), challengePassword: undefined };
    const answer = await this.certificate(poll, issued, facts.authorityId, facts.username);
    const needed = approval !== undefined && sealed !== null;
    return { answer, challengePassword: needed ? this.secrets.open(approval.id, sealed) : undefined };
  }

  private async certificate(
    { receivedAt, journal }: Poll,
    issued: PolledCertificate,
    authorityId: number,
    username: string | null,
  ): Promise<UnsettledOutcome> {
    const { certificate, serialNumber, revokedAt, notAfter, answeredEpoch, presentEpoch, generationId } = issued;
    if (revokedAt !== null || notAfter <= receivedAt || answeredEpoch !== presentEpoch)
      throw unknown(
        'poll.certificate',
        'the certificate of this transaction is of no use any more: make a new request',
        `certificate ${serialNumber.toString('hex')} is revoked or has expired, or its end entity was put back to NEW`,
      );
    const { byId } = await this.authorities.get();
    const issuer = generationsOf(byId.get(authorityId)).find(({ id }) => id === generationId);
    const outcome: IssuedOutcome = { kind: 'issued', certificate, issuer, repeated: true };
    const record = journal.issued({ username: username ?? '', serialNumber }, true);
    return { provisional: outcome, settled: this.requestLog.append(record).then(() => outcome) };
  }

  private waiting(approval: ApprovalFacts | undefined, now: Date, journal: EnrolmentJournal): UnsettledOutcome {
    // An entry that has lost what it stands for, as by a backup, is none.
    if (approval === undefined || approval.state === 'approved')
      throw unknown('poll.transaction', 'nothing is known of the request any more: make it again');
    const refusal = approvalRefusal(approval, now);
    if (refusal !== undefined) throw refusal;
    return { provisional: PENDING, settled: this.requestLog.append(journal.pending(approval)).then(() => PENDING) };
  }
}

const generationsOf = (authority: Authority | undefined): Generation[] => {
  const { current, previous, next } = authority?.generations ?? {};
  return [current, previous, next].filter((generation) => generation !== undefined);
};

const unknown = (rule: string, detail: string, explanation = detail): ServiceError =>
  new ServiceError('transaction-unknown', detail, { rule, explanation });
