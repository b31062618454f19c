import { Injectable } from '@nestjs/common';

import type { ChallengeCase, ChallengeKind, ChallengeVerdict } from '../challenges/challenge';
import { RIGHT } from '../challenges/challenge';
import { Challenges } from '../challenges/challenges';
import { ServiceError } from '../common/service-error';
import { EndEntityStatus } from '../end-entities/end-entity-status';
import {
  beforeChallenge,
  countsAgainstAlias,
  judgeAdmission,
  lockoutOf,
  lockoutOfSource,
  type Rejection,
  wrongChallenge,
} from './admission';
import type { EnrolmentFacts, RegistrationFacts } from './enrolment-facts.reader';
import type { EnrolmentRequest } from './enrolment-request';
import { existingEndEntityRule, judgeRegistration } from './registration-rules';
import { challengeMissing } from './renewal-rules';
import { ValidatedRequests } from './validated-requests';

/** What the challenge has said of a request. */
export interface Verdicts {
  /** Of a foreign service: kept while the request is judged anew, for it is asked once. */
  external: ChallengeVerdict | undefined;
  /** The latest; undefined where none was asked for. */
  latest: ChallengeVerdict | undefined;
}

/** What was read for a request, as far as a challenge is checked against it. */
export interface ChallengeFacts extends Pick<EnrolmentFacts, 'endEntity' | 'oneTime' | 'sourceFailures'> {
  /** The user name that the request stands for. */
  readonly username: string;
}

/** Step 10 of the list in docs/architecture.md: whether the challenge of the alias lets the request in. */
@Injectable()
export class ChallengeJudgement {
  constructor(
    private readonly challenges: Challenges,
    private readonly validated: ValidatedRequests,
  ) {}

  /** The kind of challenge that the alias demands. */
  of({ alias }: EnrolmentRequest): ChallengeKind {
    return this.challenges.of(alias.challenge.kind);
  }

  /**
   * What the challengePassword is looked up by among the one-time challenges; undefined where it is not. Where nobody judges
   * it, what it is bound to must not count either.
   */
  oneTimeVerifier(request: EnrolmentRequest): Buffer | undefined {
    const challengePassword = passwordOf(request);
    return challengePassword === '' || vouchedFor(request)
      ? undefined
      : this.of(request).verifierOf?.(request.alias, challengePassword);
  }

  /** Whether a foreign service has to hear of the certificate before it is delivered. */
  holdsBack({ alias }: EnrolmentRequest): boolean {
    return this.challenges.releasingOf(alias.challenge.kind) !== undefined;
  }

  /**
   * Whether the request may enrol this end entity; undefined: yes.
   * @throws ServiceError `challenge-rejected` without a challengePassword where one is demanded, `challenge-unavailable`
   */
  async admit(request: EnrolmentRequest, facts: ChallengeFacts, verdicts: Verdicts): Promise<Rejection | undefined> {
    const { endEntity, sourceFailures } = facts;
    const challenge = this.demanded(request);
    const lockout = countsAgainstAlias(request) ? lockoutOfSource(request, sourceFailures) : undefined;
    const otherwise = lockout ?? (challenge.external ? judgeAdmission(request, endEntity, RIGHT) : undefined);
    if (otherwise !== undefined) return beforeChallenge(otherwise);
    return judgeAdmission(request, endEntity, await this.verdict(request, facts, verdicts));
  }

  /**
   * As {@link admit}, in RA mode.
   * @returns besides, whether an officer has to approve that an end entity gets another certificate
   */
  async admitRegistration(
    request: EnrolmentRequest,
    facts: RegistrationFacts & ChallengeFacts,
    verdicts: Verdicts,
  ): Promise<{ readonly rejection: Rejection | undefined; readonly needsOfficer: boolean }> {
    if (vouchedFor(request)) return registrationBy(request, facts, RIGHT);
    const challenge = this.demanded(request);
    const otherwise = challenge.external ? judgeRegistration(request, facts, OF_ANY_DEVICE) : undefined;
    if (otherwise !== undefined) return { rejection: beforeChallenge(otherwise), needsOfficer: false };
    const verdict = await this.verdict(request, facts, verdicts);
    return registrationBy(request, facts, verdict);
  }

  /** @throws ServiceError `challenge-rejected` without a challengePassword where one is demanded */
  private demanded(request: EnrolmentRequest): ChallengeKind {
    const challenge = this.of(request);
    if (passwordOf(request) === '' && challenge.demandsPassword)
      throw new ServiceError('challenge-rejected', 'the request has no challengePassword, and this alias wants one', {
        rule: 'challenge.missing',
      });
    return challenge;
  }

  /** What the challenge has against a renewal that is allowed otherwise, where it is demanded of renewals. */
  async ofRenewal(
    request: EnrolmentRequest,
    facts: ChallengeFacts,
    verdicts: Verdicts,
  ): Promise<Rejection | undefined> {
    const { alias } = request;
    if (!alias.renewal.challengeRequired || !this.of(request).demandsPassword) return undefined;
    if (request.certificationRequest.challengePassword === undefined) return challengeMissing(alias);
    const lockout = countsAgainstAlias(request)
      ? lockoutOfSource(request, facts.sourceFailures)
      : facts.endEntity && lockoutOf(request, facts.endEntity);
    if (lockout !== undefined) return lockout;
    const verdict = await this.verdict(request, facts, verdicts);
    return verdict.right ? undefined : wrongChallenge(verdict);
  }

  private async verdict(
    request: EnrolmentRequest,
    { username, endEntity, oneTime }: ChallengeFacts,
    verdicts: Verdicts,
  ): Promise<ChallengeVerdict> {
    const challenge = this.of(request);
    if (challenge.external && verdicts.external !== undefined) return (verdicts.latest = verdicts.external);
    const asked: ChallengeCase = {
      alias: request.alias,
      certificationRequest: request.certificationRequest,
      challengePassword: passwordOf(request),
      username,
      endEntity,
      oneTime,
      transactionID: request.transactionID,
      requestId: request.id,
      receivedAt: request.receivedAt,
      source: request.source,
      isRenewal: request.renewal !== undefined,
      builtIn: request.builtIn,
    };
    const verdict = await (this.holdsBack(request)
      ? this.validated.judge(request, asked, challenge)
      : challenge.judge(asked));
    if (challenge.external) verdicts.external = verdict;
    verdicts.latest = verdict;
    return verdict;
  }
}

/** Whether the RA that signed the request is trusted to have authenticated its device. */
const vouchedFor = ({ alias, byRa }: EnrolmentRequest): boolean => byRa && alias.ra.signersAuthenticate;

const registrationBy = (
  request: EnrolmentRequest,
  facts: RegistrationFacts,
  verdict: ChallengeVerdict,
): { readonly rejection: Rejection | undefined; readonly needsOfficer: boolean } => ({
  rejection: judgeRegistration(request, facts, verdict),
  needsOfficer:
    facts.endEntity?.status === EndEntityStatus.GENERATED &&
    existingEndEntityRule(request.alias, verdict) === 'approval',
});

/** What is judged by a verdict that is not there yet is judged as leniently as any verdict allows. */
const OF_ANY_DEVICE: ChallengeVerdict = { right: true, boundToDevice: true };

/** An empty challengePassword is an absent one (draft-nourse-scep-23 section 2.3). */
const passwordOf = ({ certificationRequest }: EnrolmentRequest): string => certificationRequest.challengePassword ?? '';
