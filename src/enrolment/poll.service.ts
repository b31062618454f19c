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
import { type PolledCertificate, type PolledFacts, PollFactsReader } from './poll-facts.reader';

/** Who asks what became of a request. */
export interface Poll {
  readonly receivedAt: Date;
  readonly alias: Alias;
  readonly transactionID: string;
  /** The key that signed the poll, and must have signed the request. */
  readonly signerKey: PublicKey;
  /** Whom the poll is addressed to; undefined where that is nobody here. */
  readonly authority: Authority | undefined;
  /**
   * Is told of a certificate with what it takes to encrypt it to a key that cannot decrypt: the request's challengePassword,
   * a secret; undefined where it is not needed, or where the certificate was issued without an officer, so that it is not
   * known any more. What it throws is the answer.
   */
  readonly protect: (challengePassword: string | undefined) => void;
  readonly journal: EnrolmentJournal;
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
   *   more; `approval-rejected` where there will be none; what {@link Poll.protect} throws
   */
  async poll(poll: Poll): Promise<UnsettledOutcome> {
    const { alias, transactionID, signerKey, authority, journal, receivedAt } = poll;
    const facts = await this.facts.read(alias.id, transactionID, signerKey.hash);
    if (facts === undefined || (authority !== undefined && facts.authorityId !== authority.id))
      throw unknown(
        'poll.transaction',
        'no request with this transactionID was made here with this key: make it first',
        `alias ${alias.name} and the authority that is addressed know no request with this transactionID that was signed with this key`,
      );
    if (facts.username !== null) journal.usernameFound(facts.username);
    if (facts.issued === undefined) return this.waiting(facts.approval, receivedAt, journal);
    return this.certificate(poll, facts, facts.issued);
  }

  private async certificate(
    { receivedAt, journal, protect }: Poll,
    { approval, sealedChallengePassword: sealed, authorityId, username }: PolledFacts,
    issued: PolledCertificate,
  ): Promise<UnsettledOutcome> {
    const { certificate, serialNumber, revokedAt, notAfter, answeredEpoch, presentEpoch, generationId } = issued;
    if (revokedAt !== null || notAfter <= receivedAt || answeredEpoch !== presentEpoch)
      throw unknown(
        'poll.certificate',
        'the certificate of this transaction is of no use any more: make a new request',
        `certificate ${serialNumber.toString('hex')} is revoked or has expired, or its end entity was put back to NEW`,
      );
    if (issued.unreleased)
      throw new ServiceError('challenge-unavailable', 'the certificate is not released yet, ask again later', {
        rule: 'poll.unreleased',
        explanation: `certificate ${serialNumber.toString('hex')} waits until the service that validates requests has heard of it`,
      });
    // Before anything is written down: it may turn out that nobody could read the answer.
    protect(approval !== undefined && sealed !== null ? this.secrets.open(approval.id, sealed) : undefined);
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
