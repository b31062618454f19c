import { Inject, Injectable } from '@nestjs/common';

import { wantsApproval } from '../aliases/alias';
import type { ErrorCode } from '../common/error-code';
import { RANDOM_SOURCE, type RandomSource } from '../common/random-source';
import { ServiceError } from '../common/service-error';
import { ConfigurationVersion } from '../database/configuration-version';
import { RequestLog } from '../requests/request-log';
import { countsAgainstAlias, type Rejection } from './admission';
import { ApprovalGate, type Held } from './approval-gate';
import { isAnswerCurrent } from './answer-currency';
import { contentOf, contentProblem } from './challenge-content';
import { ChallengeJudgement, type Verdicts } from './challenge-judgement';
import { CertificateRelease } from './certificate-release';
import { attemptSource } from './attempt-source';
import { ConfigurationChanged } from './configuration-changed';
import {
  type EndEntityFacts,
  type EnrolmentFacts,
  EnrolmentFactsReader,
  type LedgerFacts,
  type RenewalFacts,
} from './enrolment-facts.reader';
import type {
  EnrolmentOutcome,
  EnrolmentRequest,
  RefusedOutcome,
  Renewal,
  UnsettledOutcome,
} from './enrolment-request';
import { generatedUsername, isNameRandom } from './generated-username';
import { registrationOf } from './registration-rules';
import { type Grant, Issuance } from './issuance';
import { ledgerKey } from './ledger-key';
import { judgeRenewal } from './renewal-rules';
import { usernameOf } from './username-of-request';

/** How often a request is judged anew when others were faster; each time one of them got on. */
const MAX_ATTEMPTS = 5;

/** One request on its way through the list, with what does not change when it is judged anew. */
interface Case {
  readonly request: EnrolmentRequest;
  readonly ledgerKey: Buffer;
  readonly attempt: number;
  readonly verdicts: Verdicts;
}

/**
 * The use case: a request comes in as a plain value, a certificate or a refusal comes out. Steps 9 to 14 of the list in
 * docs/architecture.md, in that order.
 */
@Injectable()
export class EnrolmentService {
  constructor(
    private readonly facts: EnrolmentFactsReader,
    private readonly challenges: ChallengeJudgement,
    private readonly gate: ApprovalGate,
    private readonly issuance: Issuance,
    private readonly release: CertificateRelease,
    private readonly requestLog: RequestLog,
    private readonly configurationVersion: ConfigurationVersion,
    @Inject(RANDOM_SOURCE) private readonly random: RandomSource,
  ) {}

  /**
   * Judges a request and issues the certificate if it may be.
   * @throws ServiceError for what is refused without a look at the end entity, and `outcome-unknown`, `overloaded`,
   *   `authority-unavailable` where the answer has to wait
   * @throws ConfigurationChanged when the request is to be begun again
   */
  async enrol(request: EnrolmentRequest): Promise<UnsettledOutcome> {
    return this.judge({
      request,
      ledgerKey: ledgerKey(request),
      attempt: 1,
      verdicts: { external: undefined, latest: undefined },
    });
  }

  private judge(subject: Case): Promise<UnsettledOutcome> {
    const { renewal } = subject.request;
    return renewal === undefined ? this.judgeEnrolment(subject) : this.judgeRenewal(subject, renewal);
  }

  private judgeEnrolment(subject: Case): Promise<UnsettledOutcome> {
    return subject.request.alias.registers === undefined
      ? this.judgeRegistered(subject)
      : this.judgeRegistration(subject);
  }

  /** CA mode: the end entity was registered beforehand. */
  private async judgeRegistered(subject: Case): Promise<UnsettledOutcome> {
    const { request } = subject;
    const username = usernameOf(request);
    request.journal.usernameFound(username);
    const source = attemptSource(request.source);
    const { id: aliasId } = request.alias;
    const oneTime = this.challenges.oneTimeVerifier(request);
    const facts = await this.facts.read(username, source, subject.ledgerKey, aliasId, oneTime);
    this.checkConfiguration(request);
    const earlier = await this.earlierAnswer(subject, facts);
    if (earlier !== undefined) return earlier;
    const { endEntity } = facts;
    if (endEntity !== undefined) request.journal.usernameFound(endEntity.username);
    const rejection = await this.challenges.admit(request, { ...facts, username }, subject.verdicts);
    if (endEntity === undefined || (rejection !== undefined && rejection.usedUp !== true))
      return settledAs(refusedBy(rejection as Rejection, request, endEntity));
    const { demandsPassword } = this.challenges.of(request);
    return this.decide(subject, granted(facts, undefined, demandsPassword, subject.verdicts), rejection);
  }

  /** RA mode: the end entity is registered along with its certificate. */
  private async judgeRegistration(subject: Case): Promise<UnsettledOutcome> {
    const { request } = subject;
    const { id: aliasId, ra } = request.alias;
    const generated = (): string =>
      generatedUsername(ra.nameGeneration, request.certificationRequest.subject, this.random);
    const name = isNameRandom(ra.nameGeneration) ? undefined : generated();
    const source = attemptSource(request.source);
    const oneTime = this.challenges.oneTimeVerifier(request);
    const facts = await this.facts.readRegistration(name, source, subject.ledgerKey, aliasId, oneTime);
    this.checkConfiguration(request);
    const username = facts.oneTime?.username ?? name ?? facts.endEntity?.username ?? generated();
    request.journal.usernameFound(username);
    const earlier = await this.earlierAnswer(subject, facts);
    if (earlier !== undefined) return earlier;
    const { verdicts } = subject;
    const { rejection, needsOfficer } = await this.challenges.admitRegistration(
      request,
      { ...facts, username },
      verdicts,
    );
    if (rejection !== undefined && rejection.usedUp !== true)
      return settledAs(refusedBy(rejection, request, facts.endEntity));
    const { demandsPassword } = this.challenges.of(request);
    const registered = registrationOf(request, facts, username);
    const grant = { ...granted(facts, undefined, demandsPassword, verdicts), ...registered };
    return this.decide(subject, grant, rejection, needsOfficer);
  }

  private async judgeRenewal(subject: Case, renewal: Renewal): Promise<UnsettledOutcome> {
    const { request } = subject;
    const { certificate, issuer } = renewal;
    const serialNumber = Buffer.from(certificate.serialHex, 'hex');
    const source = attemptSource(request.source);
    const facts = await this.facts.readRenewal(
      issuer.id,
      serialNumber,
      source,
      subject.ledgerKey,
      request.alias.id,
      this.challenges.oneTimeVerifier(request),
    );
    this.checkConfiguration(request);
    const earlier = await this.earlierAnswer(subject, facts);
    if (earlier !== undefined) return earlier;
    const { endEntity, renewed } = facts;
    if (renewed !== undefined) request.journal.usernameFound(renewed.username);
    const password = request.certificationRequest.challengePassword;
    const challenge = this.challenges.of(request);
    const rejection =
      judgeRenewal(request, renewal, facts, await this.issuance.filledInTypes(request, endEntity)) ??
      (await this.challenges.ofRenewal(request, { ...facts, username: renewed?.username ?? '' }, subject.verdicts));
    const judgedChallenge = request.alias.renewal.challengeRequired && challenge.demandsPassword;
    if (rejection === undefined)
      return this.decide(subject, granted(facts, renewal, judgedChallenge, subject.verdicts), undefined);
    const refusal = refusedBy(rejection, request, endEntity);
    // The same request under a self-signed certificate would be an enrolment: that it is signed by more is no reason to
    // refuse it. So a device whose certificate has expired can be let in again.
    if (!renewal.enrolsOtherwise || (password === undefined && challenge.demandsPassword)) return settledAs(refusal);
    const enrolment = await this.judgeEnrolment(subject);
    return enrolment.provisional.kind === 'refused'
      ? settledAs(bothRefused(refusal, enrolment.provisional))
      : enrolment;
  }

  /** @throws ConfigurationChanged when the version that was read with the facts is newer than the request's */
  private checkConfiguration(request: EnrolmentRequest): void {
    if (this.configurationVersion.observed > request.configurationVersion) throw new ConfigurationChanged();
  }

  /** docs/adr/0005: a device that lost the reply gets the same certificate again. */
  private repeat(request: EnrolmentRequest, ledger: LedgerFacts): UnsettledOutcome {
    const { certificate, username, serialNumber, generationId } = ledger;
    const { current, previous, next: coming } = request.authority.generations;
    const issuer = [current, previous, coming].find((generation) => generation?.id === generationId);
    const outcome: EnrolmentOutcome = { kind: 'issued', certificate, issuer, repeated: true };
    const record = request.journal.issued({ username, serialNumber }, true);
    const key = { authorityId: request.authority.id, serialNumber };
    const released = ledger.unreleased ? this.release.release(key) : Promise.resolve();
    const settled = released.then(() => this.requestLog.append(record)).then(() => outcome);
    return { provisional: outcome, settled };
  }

  /** The answer that an equal request got before, as far as it is current, or waits for. */
  private async earlierAnswer(
    subject: Case,
    { ledger, approval }: EnrolmentFacts,
  ): Promise<UnsettledOutcome | undefined> {
    const { request } = subject;
    if (ledger !== undefined && isAnswerCurrent(ledger, request.receivedAt)) return this.repeat(request, ledger);
    const held = approval && (await this.gate.standing(request, approval));
    return held && this.held(subject, held);
  }

  /**
   * Issues, or has the request wait for an officer.
   * @param rejection that all allowed requests are used up, perhaps by an equal request that waits
   * @param needsOfficer whether one has to approve it even where the alias issues to others at once
   */
  private async decide(
    subject: Case,
    grant: Grant,
    rejection: Rejection | undefined,
    needsOfficer = false,
  ): Promise<UnsettledOutcome> {
    try {
      return await this.decided(subject, grant, rejection, needsOfficer);
    } catch (error) {
      const { request, verdicts } = subject;
      if (verdicts.external?.right === true && isFinal(error)) await this.release.tellRefusal(request, error);
      throw error;
    }
  }

  private async decided(
    subject: Case,
    grant: Grant,
    rejection: Rejection | undefined,
    needsOfficer: boolean,
  ): Promise<UnsettledOutcome> {
    const { request, ledgerKey: key } = subject;
    const waits = needsOfficer || wantsApproval(request.alias, grant.renewal !== undefined);
    const content = contentOf(subject.verdicts);
    const unfit = contentProblem(content, waits, grant.renewal !== undefined);
    if (unfit !== undefined) return settledAs(refusedBy(unfit, request, grant.endEntity));
    const joined = waits || rejection !== undefined ? await this.gate.join(request, key, grant) : undefined;
    if (joined !== undefined) return this.held(subject, joined);
    if (rejection !== undefined) return settledAs(refusedBy(rejection, request, grant.endEntity));
    return waits
      ? this.held(subject, await this.gate.open(request, key, grant))
      : this.issue(subject, { ...grant, content });
  }

  private held(subject: Case, held: Held | 'changed'): Promise<UnsettledOutcome> {
    if (held === 'changed') return this.judge(next(subject));
    const settled = held.settled.then((result) => (result === 'changed' ? this.judgeAnew(subject) : result));
    return Promise.resolve({ provisional: held.provisional, settled });
  }

  private async issue(subject: Case, grant: Grant): Promise<UnsettledOutcome> {
    const { certificate, written } = await this.issuance.issue(subject.request, subject.ledgerKey, grant);
    const { generation: issuer } = subject.request;
    const outcome: EnrolmentOutcome = { kind: 'issued', certificate: certificate.der, issuer, repeated: false };
    const held = this.challenges.holdsBack(subject.request);
    const key = { authorityId: subject.request.authority.id, serialNumber: Buffer.from(certificate.serialHex, 'hex') };
    const settled = written.then(async (done) => {
      if (!done) return this.judgeAnew(subject);
      if (held) await this.release.release(key);
      return outcome;
    });
    return { provisional: outcome, settled };
  }

  /** Someone else was faster: what was signed is thrown away, and the request is judged by what is true now. */
  private async judgeAnew(subject: Case): Promise<EnrolmentOutcome> {
    const { settled } = await this.judge(next(subject));
    return settled;
  }
}

/** Of facts by which the request was found to be allowed, the end entity's among them. */
const granted = (
  { endEntity, ledgerSerialNumber, ledgerApprovalId, renewed, sourceFailures }: EnrolmentFacts & Partial<RenewalFacts>,
  renewal: Renewal | undefined,
  judgedChallenge: boolean,
  { latest }: Verdicts,
): Grant => ({
  endEntity: endEntity as EndEntityFacts,
  replaces: ledgerSerialNumber,
  replacesApproval: ledgerApprovalId,
  renewal,
  renewedTemplate: renewal && (renewed?.template ?? null),
  judgedChallenge,
  usesOneTime: latest?.right === true ? latest.uses : undefined,
  sourceFailures: sourceFailures?.failures ?? 0,
  registration: undefined,
});

/** The case once more. */
function next(subject: Case): Case {
  if (subject.attempt === MAX_ATTEMPTS)
    throw new ServiceError('overloaded', 'too many requests for one end entity at once, try again shortly');
  return { ...subject, attempt: subject.attempt + 1 };
}

/** By the profiles or the request itself, so that to come again would not help. */
const isFinal = (error: unknown): error is ServiceError =>
  error instanceof ServiceError && FINAL_CODES.includes(error.code);

const FINAL_CODES: readonly ErrorCode[] = [
  'request-refused',
  'key-not-allowed',
  'algorithm-not-allowed',
  'malformed-message',
];

const settledAs = (outcome: EnrolmentOutcome): UnsettledOutcome => ({
  provisional: outcome,
  settled: Promise.resolve(outcome),
});

const refusedBy = (
  { error, countsAsFailure, misuses }: Rejection,
  request: EnrolmentRequest,
  endEntity: EndEntityFacts | undefined,
): RefusedOutcome => {
  const againstAlias = countsAgainstAlias(request);
  const endEntityId = againstAlias ? undefined : endEntity?.id;
  // Who knows a challenge and uses it for something else guesses at nothing: that counts against the challenge itself.
  const counts = countsAsFailure && (againstAlias ? misuses === undefined : endEntityId !== undefined);
  const { endEntityProfileId } = endEntity ?? {};
  const source = attemptSource(request.source);
  const failedAttempt = counts ? { endEntityId, endEntityProfileId, source } : undefined;
  return { kind: 'refused', error, failedAttempt, misusedChallenge: misuses };
};

/** The device is told why it cannot renew and nothing of its challengePassword; the guess is counted all the same. */
function bothRefused(
  { error, failedAttempt, misusedChallenge }: RefusedOutcome,
  enrolment: RefusedOutcome,
): RefusedOutcome {
  const { publicDetail, rule, explanation = publicDetail } = error;
  const other = enrolment.error.explanation ?? enrolment.error.publicDetail;
  return {
    kind: 'refused',
    error: new ServiceError(error.code, publicDetail, {
      ...(rule === undefined ? {} : { rule }),
      explanation: `${explanation}; and as an enrolment: ${other}`,
    }),
    failedAttempt: enrolment.failedAttempt ?? failedAttempt,
    misusedChallenge: enrolment.misusedChallenge ?? misusedChallenge,
  };
}
