import { Inject, Injectable } from '@nestjs/common';
import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';

import type { Alias } from '../../aliases/alias';
import { AliasAvailability } from '../../aliases/alias-availability';
import type { Generation } from '../../authorities/authority';
import type { ErrorCode } from '../../common/error-code';
import { LOGGER, type Logger } from '../../common/logger';
import { ServiceError } from '../../common/service-error';
import { getDeviceProfile } from '../../device-profiles/device-profile-catalogue';
import { ConfigurationChanged } from '../../enrolment/configuration-changed';
import type { RefusedOutcome } from '../../enrolment/enrolment-request';
import { RefusalWriter } from '../../enrolment/refusal.writer';
import { DerError } from '../../pki/der/der-error';
import { RequestLog } from '../../requests/request-log';
import { UndecodableCounter } from '../../requests/undecodable-counter';
import type { ReplyProtection } from '../message/cert-rep.encoder';
import {
  type ClosedEnvelope,
  inspectEnvelope,
  isUnproven,
  openEnvelope,
  type OpenedEnvelope,
} from '../message/pkcs-pki-envelope.opener';
import { checkPkiMessage, decodePkiMessage, type PkiMessage } from '../message/pki-message.decoder';
import { addressedGenerations, type AddressedGeneration } from './addressed-generation';
import { AliasAuthorities } from './alias-authorities';
import { checkMessageAlgorithms } from './algorithm-policy';
import { CertPollOperation } from './cert-poll.operation';
import { CertRepPresenter } from './cert-rep.presenter';
import { CertificateQueryOperation } from './certificate-query.operation';
import type { Outcome, UnsettledAnswer } from './outcome';
import { PkcsReqOperation } from './pkcs-req.operation';
import { RequestJournal, type Arrival } from './request-journal';
import { checkQuerySigner, replyProtection } from './reply-protection';
import { RequestReader } from './request-reading';
import { scepAnswer } from './scep-answer';
import type { ScepReply } from './scep-reply';

/** A refusal that could tell of the decryption (see `unproven`) leaves so long after its message came. */
const UNPROVEN_AFTER_MS = 50;

/** Failures that mean that nothing can be written down either. */
const WITHOUT_DATABASE: readonly ErrorCode[] = ['outcome-unknown', 'overloaded'];

/** What is known of a message while it is worked on; the answer needs as much of it as was reached. */
interface Exchange {
  readonly alias: Alias;
  readonly message: PkiMessage;
  /** The message as it came. */
  readonly bytes: Buffer;
  readonly arrival: Arrival;
  readonly journal: RequestJournal;
  /** Of the alias's default authority. */
  readonly standard: Generation;
  /** When the work on it began, by the monotonic clock in milliseconds. */
  readonly began: number;
  /** Whose key signs the answer: the alias's default authority until the envelope tells which was addressed. */
  responder: Generation;
  envelope: ClosedEnvelope | undefined;
  /** Who can read a SUCCESS: known before anything is issued. */
  protection: ReplyProtection | undefined;
}

/** PKIOperation: everything from the bytes of a pkiMessage to the bytes of its CertRep (RFC 8894 section 4.3). */
@Injectable()
export class PkiOperation {
  constructor(
    private readonly authorities: AliasAuthorities,
    private readonly availability: AliasAvailability,
    private readonly reader: RequestReader,
    private readonly pkcsReq: PkcsReqOperation,
    private readonly certificateQuery: CertificateQueryOperation,
    private readonly certPoll: CertPollOperation,
    private readonly presenter: CertRepPresenter,
    private readonly refusals: RefusalWriter,
    private readonly requestLog: RequestLog,
    private readonly undecodable: UndecodableCounter,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /**
   * Answers a message. Whatever parses gets a CertRep.
   * @param bytes DER or BER of the ContentInfo
   * @throws ServiceError for what is no SCEP message (`not-a-pki-message`), and where a CertRep would be wrong because
   *   the same message may succeed a little later (`outcome-unknown`, `authority-unavailable`, `alias-unavailable`)
   */
  async answer(alias: Alias, bytes: Buffer, arrival: Arrival): Promise<ScepReply> {
    const message = this.decode(alias, bytes, arrival);
    const journal = new RequestJournal(alias, arrival, message);
    const [exchange, unsettled] = await this.begin(alias, message, bytes, arrival, journal);
    // The commit runs while the reply is signed; the reply leaves after both (docs/architecture.md, steps 14 and 15). The
    // statement is sent in the next turn of the event loop, which the signature must not hold up.
    const [reply, outcome] = await Promise.all([
      nextTurn().then(() => this.presenter.present(exchange, unsettled.provisional)),
      unsettled.settled
        // Where others were faster it was judged anew, and the judgement is as good as the first.
        .catch((error: unknown) => refusalBy(error, exchange))
        .catch((error: unknown) => this.failed(exchange, error))
        .then(async (settled) => {
          await this.record(exchange, settled);
          return settled;
        }),
    ]);
    if (outcome.kind === 'refused' && isUnproven(outcome.error)) await concealDecryption(exchange);
    return outcome === unsettled.provisional ? reply : this.presenter.present(exchange, outcome);
  }

  /** Judges the message. */
  private async begin(
    alias: Alias,
    message: PkiMessage,
    bytes: Buffer,
    arrival: Arrival,
    journal: RequestJournal,
  ): Promise<[Exchange, UnsettledAnswer]> {
    const began = performance.now();
    try {
      await this.availability.check(alias);
      const [standard] = await this.authorities.all(alias);
      const responder = standard.generations.current;
      const exchange: Exchange = {
        alias,
        message,
        bytes,
        arrival,
        journal,
        standard: responder,
        began,
        responder,
        envelope: undefined,
        protection: undefined,
      };
      return [exchange, await this.judge(exchange)];
    } catch (error) {
      return this.failed({ alias, arrival, journal }, error);
    }
  }

  /** A failure of ours, which no CertRep tells of, is written down before it is thrown. */
  private async failed(
    { alias, arrival, journal }: Pick<Exchange, 'alias' | 'arrival' | 'journal'>,
    error: unknown,
  ): Promise<never> {
    const known = error instanceof ServiceError ? error : new ServiceError('internal', "the gateway's log says what");
    if (error instanceof ConfigurationChanged || WITHOUT_DATABASE.includes(known.code)) throw error;
    try {
      await this.refusals.write(journal.refused(known), alias, arrival.receivedAt, undefined);
    } catch (cause) {
      this.logger.warn({ err: cause, request: arrival.id }, 'a failure could not be written to the request log');
    }
    throw error;
  }

  private decode(alias: Alias, bytes: Buffer, arrival: Arrival): PkiMessage {
    try {
      return decodePkiMessage(bytes, getDeviceProfile(alias.deviceProfile));
    } catch (cause) {
      if (!(cause instanceof DerError)) throw cause;
      this.undecodable.count({ alias: alias.name, cause: cause.message, source: arrival.source });
      throw new ServiceError('not-a-pki-message', `this is no SCEP message: ${cause.message}`, { cause });
    }
  }

  /** A refusal before the enrolment is an outcome like one by it, as far as the device can be told by a CertRep. */
  private async judge(exchange: Exchange): Promise<UnsettledAnswer> {
    try {
      return await this.perform(exchange);
    } catch (error) {
      const refused = refusalBy(error, exchange);
      return { provisional: refused, settled: Promise.resolve(refused) };
    }
  }

  private async perform(exchange: Exchange): Promise<UnsettledAnswer> {
    const { alias, message, bytes, arrival, journal } = exchange;
    checkPkiMessage(message);
    checkMessageAlgorithms(alias, message);
    // Before the envelope is opened: afterwards it would tell that it could be.
    const { messageType, envelope } = message;
    if (messageType === 'GetCert' || messageType === 'GetCRL') {
      const { signer } = message;
      checkQuerySigner(alias, signer);
      const open = (): Promise<OpenedEnvelope> => this.open(exchange, envelope);
      const answered = await this.certificateQuery.perform({ alias, messageType, journal, open });
      // Now it may be told that the envelope could be opened, as SUCCESS tells.
      const opened = exchange.envelope;
      if (opened !== undefined)
        exchange.protection = replyProtection({ alias, signer, opened, challengePassword: undefined });
      return { provisional: answered, settled: this.requestLog.append(journal.answered()).then(() => answered) };
    }
    if (messageType === 'CertPoll') {
      const inspected = await this.inspect(exchange, envelope);
      const protect = this.protector(exchange);
      return this.certPoll.perform({ alias, message, inspected, protect, arrival, journal });
    }
    const reading = await this.reader.read(alias, messageType, message, arrival.receivedAt);
    const opened = await this.open(exchange, envelope);
    const protect = this.protector(exchange);
    return this.pkcsReq.perform({ alias, message, bytes, reading, opened, protect, arrival, journal });
  }

  /** Takes down who will be able to read a SUCCESS. */
  private protector(exchange: Exchange): (protection: ReplyProtection) => void {
    return (protection) => {
      exchange.protection = protection;
      exchange.journal.protectedBy(protection.kind);
    };
  }

  private async open(exchange: Exchange, envelope: Buffer): Promise<OpenedEnvelope<AddressedGeneration>> {
    const { alias, journal } = exchange;
    const opened = await openEnvelope(envelope, await this.candidates(exchange), alias.algorithms.accept);
    const { authority, addressed } = opened.recipient;
    exchange.envelope = opened;
    exchange.responder = addressed;
    journal.envelopeOpened(opened, authority.name);
    return opened;
  }

  /** Whom an envelope that stays closed is addressed to. */
  private async inspect(exchange: Exchange, envelope: Buffer): Promise<ClosedEnvelope<AddressedGeneration>> {
    const { alias, journal } = exchange;
    const inspected = inspectEnvelope(envelope, await this.candidates(exchange), alias.algorithms.accept);
    const { recipient } = inspected;
    exchange.envelope = inspected;
    if (recipient !== undefined) exchange.responder = recipient.addressed;
    journal.envelopeInspected(inspected, recipient?.authority.name);
    return inspected;
  }

  /** All keys that a message to this alias may be encrypted to now. */
  private async candidates({ alias, arrival }: Exchange): Promise<AddressedGeneration[]> {
    return addressedGenerations(alias, await this.authorities.all(alias), arrival.receivedAt);
  }

  /** Writes the refusal down (an issued certificate was recorded with its issue) and tells the operator. */
  private async record(exchange: Exchange, outcome: Outcome): Promise<void> {
    const { alias, arrival, journal, message } = exchange;
    const line = {
      alias: alias.name,
      transactionID: message.transactionID,
      source: arrival.source,
      request: arrival.id,
    };
    if (outcome.kind === 'issued') {
      this.logger.info(line, outcome.repeated ? 'answered again' : 'certificate issued');
      return;
    }
    if (outcome.kind === 'pending') {
      this.logger.info(line, outcome.repeated ? 'still waits for approval' : 'waits for approval');
      return;
    }
    if (outcome.kind === 'answered') {
      this.logger.info(line, 'query answered');
      return;
    }
    const { error, failedAttempt, misusedChallenge } = outcome;
    this.logger.info(
      { ...line, code: error.code, rule: error.rule, reason: error.explanation ?? error.publicDetail },
      'refused',
    );
    await this.refusals.write(journal.refused(error), alias, arrival.receivedAt, failedAttempt, misusedChallenge);
  }
}

/** The refusal that an error stands for; throws the error if no CertRep can tell of it. */
function refusalBy(error: unknown, exchange: Exchange): RefusedOutcome {
  if (!(error instanceof ServiceError) || !('failInfo' in scepAnswer(error.code))) throw error;
  // Whose key opened the envelope must not show, either, before the proof.
  if (isUnproven(error)) exchange.responder = exchange.standard;
  return { kind: 'refused', error, failedAttempt: undefined };
}

/** The wait is long against all that was done, so that the time does not tell whether the envelope could be opened. */
const concealDecryption = ({ began }: Exchange): Promise<void> =>
  delay(Math.max(0, UNPROVEN_AFTER_MS - (performance.now() - began)));
