import { Injectable } from '@nestjs/common';

import type { ChallengeKind, ChallengeVerdict } from '../challenges/challenge';
import { RIGHT } from '../challenges/challenge';
import { Challenges } from '../challenges/challenges';
import { ServiceError } from '../common/service-error';
import { judgeAdmission, lockoutOf, type Rejection, wrongChallenge } from './admission';
import type { EndEntityFacts } from './enrolment-facts.reader';
import type { EnrolmentRequest } from './enrolment-request';
import { challengeMissing } from './renewal-rules';

/** What foreign services have said of a request: kept while it is judged anew, for they are asked once. */
export interface Verdicts {
  external: ChallengeVerdict | undefined;
}

/** Step 10 of the list in docs/architecture.md: whether the challenge of the alias lets the request in. */
@Injectable()
export class ChallengeJudgement {
  constructor(private readonly challenges: Challenges) {}

  /** The kind of challenge that the alias demands. */
  of({ alias }: EnrolmentRequest): ChallengeKind {
    return this.challenges.of(alias.challenge.kind);
  }

  /**
   * Whether the request may enrol this end entity; undefined: yes.
   * @throws ServiceError `challenge-rejected` without a challengePassword where one is demanded, `challenge-unavailable`
   */
  async admit(
    request: EnrolmentRequest,
    endEntity: EndEntityFacts | undefined,
    verdicts: Verdicts,
  ): Promise<Rejection | undefined> {
    const challenge = this.of(request);
    if (passwordOf(request) === '' && challenge.demandsPassword)
      throw new ServiceError('challenge-rejected', 'the request has no challengePassword, and this alias wants one', {
        rule: 'challenge.missing',
      });
    const otherwise = challenge.external ? judgeAdmission(request, endEntity, RIGHT) : undefined;
    if (otherwise !== undefined) return otherwise;
    return judgeAdmission(request, endEntity, await this.verdict(request, endEntity, verdicts));
  }

  /** What the challenge has against a renewal that is allowed otherwise, where it is demanded of renewals. */
  async ofRenewal(
    request: EnrolmentRequest,
    endEntity: EndEntityFacts,
    verdicts: Verdicts,
  ): Promise<Rejection | undefined> {
    const { alias } = request;
    if (!alias.renewal.challengeRequired || !this.of(request).demandsPassword) return undefined;
    if (request.certificationRequest.challengePassword === undefined) return challengeMissing(alias);
    const lockout = lockoutOf(request, endEntity);
    if (lockout !== undefined) return lockout;
    const verdict = await this.verdict(request, endEntity, verdicts);
    return verdict.right ? undefined : wrongChallenge(verdict);
  }

  private async verdict(
    request: EnrolmentRequest,
    endEntity: EndEntityFacts | undefined,
    verdicts: Verdicts,
  ): Promise<ChallengeVerdict> {
    const challenge = this.of(request);
    if (challenge.external && verdicts.external !== undefined) return verdicts.external;
    const verdict = await challenge.judge({
      alias: request.alias,
      certificationRequest: request.certificationRequest,
      challengePassword: passwordOf(request),
      endEntity,
      transactionID: request.transactionID,
      requestId: request.id,
      receivedAt: request.receivedAt,
      source: request.source,
      isRenewal: request.renewal !== undefined,
      builtIn: request.builtIn,
    });
    if (challenge.external) verdicts.external = verdict;
    return verdict;
  }
}

/** An empty challengePassword is an absent one (draft-nourse-scep-23 section 2.3). */
const passwordOf = ({ certificationRequest }: EnrolmentRequest): string => certificationRequest.challengePassword ?? '';
