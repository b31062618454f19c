import { Injectable } from '@nestjs/common';

import type { ErrorCode } from '../../common/error-code';
import { ServiceError } from '../../common/service-error';
import { after, parsePeriod } from '../../profiles/period';
import {
  type ChallengeAlias,
  type ChallengeCase,
  type ChallengeKind,
  type ChallengeVerdict,
  RIGHT,
} from '../challenge';
import type { HeldCertificate, Releasing, ReleaseVerdict, ValidatedRequest } from '../releasing';
import { IntuneConnections } from './intune-connections';
import { IntuneUnavailable } from './intune-unavailable';

/** Codes that say nothing of the challenge itself: whoever gets one has not guessed. */
const NO_GUESS: ReadonlySet<string> = new Set([
  'AadKeyIdentifierListMissing',
  'ChallengeExpired',
  'RegisteredKeyMismatch',
  'ScepProfileNoLongerTargetedToTheClient',
  'SigningCertThumbprintMismatch',
]);

/** What the service's console shows of a refusal, as EJBCA says it: 0x20000100 and the number of the failInfo. */
const H_RESULT_BASE = 0x20000100;
const BAD_REQUEST = 2;
const BAD_ALG = 0;

/**
 * Microsoft Intune: each request is put before the service that gave the device its challenge, and no certificate is
 * delivered before the service has heard of it.
 */
@Injectable()
export class IntuneChallenge implements ChallengeKind, Releasing {
  readonly demandsPassword = true;
  readonly external = true;

  constructor(private readonly connections: IntuneConnections) {}

  async judge({
    alias,
    certificationRequest,
    challengePassword,
    transactionID,
  }: ChallengeCase): Promise<ChallengeVerdict> {
    if (challengePassword.trim() === '')
      return {
        right: false,
        rule: 'challenge.missing',
        explanation: `the request has no challengePassword, and alias ${alias.name} wants one of Intune's`,
        countsAsFailure: true,
      };
    const { scepActions } = this.connections.of(alias);
    const request = { transactionID, certificationRequest: certificationRequest.der };
    const verdict = await answerOf(scepActions.validateRequest(request));
    if (verdict.accepted) return RIGHT;
    return {
      right: false,
      rule: 'challenge.intune.validation',
      // Nobody knows what the service quotes.
      explanation: verdict.explanation.replaceAll(challengePassword, '(the challenge)'),
      countsAsFailure: !NO_GUESS.has(verdict.code),
    };
  }

  async announce({ alias, authority, certificate, ...request }: HeldCertificate): Promise<ReleaseVerdict> {
    const { scepActions } = this.connections.of(alias);
    const issuer = { alias: alias.name, authority };
    const verdict = await answerOf(scepActions.successNotification(request, certificate, issuer));
    return verdict.accepted
      ? { released: true }
      : { released: false, rule: 'challenge.intune.notification', explanation: verdict.explanation };
  }

  async announceRefusal({ alias, ...request }: ValidatedRequest, code: ErrorCode, reason: string): Promise<void> {
    const { scepActions } = this.connections.of(alias);
    const hResult = H_RESULT_BASE + (code === 'algorithm-not-allowed' ? BAD_ALG : BAD_REQUEST);
    // What the service thinks of it changes nothing.
    await answerOf(scepActions.failureNotification(request, hResult, reason));
  }

  deadline({ challenge }: ChallengeAlias, issuedAt: Date): Date {
    const period = parsePeriod(challenge.intune.releaseWithin);
    return period === undefined ? issuedAt : after(issuedAt, period);
  }
}

/** @throws ServiceError `challenge-unavailable` in place of IntuneUnavailable */
async function answerOf<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof IntuneUnavailable)) throw error;
    const { part, message, retryAfterSeconds } = error;
    throw new ServiceError(
      'challenge-unavailable',
      'the service that has to validate this request gives no answer, try again later',
      { rule: `challenge.intune.${part}`, explanation: message, cause: error, retryAfterSeconds },
    );
  }
}
