import { Injectable } from '@nestjs/common';

import { Verifier } from '../../keys/verifier';
import type { ChallengeAlias, ChallengeCase, ChallengeKind, ChallengeVerdict, WrongChallenge } from '../challenge';
import type { OneTimeFacts } from './one-time-facts';
import { bindingMismatch } from './one-time-mismatch';
import { oneTimeContext } from './one-time-secret';

/**
 * A challenge that an administrator, an MDM or an NDES page has fetched, good for one certificate. Who shows one that is
 * over has not guessed it, and so does not count as somebody who guesses; who asks for something else than it is bound to
 * counts, and the challenge is burnt when that has happened too often.
 */
@Injectable()
export class OneTimeChallenge implements ChallengeKind {
  readonly demandsPassword = true;
  readonly external = false;

  constructor(private readonly verifier: Verifier) {}

  verifierOf(alias: ChallengeAlias, challengePassword: string): Buffer {
    return this.verifier.compute(oneTimeContext(alias.id), challengePassword);
  }

  judge(asked: ChallengeCase): ChallengeVerdict {
    const { alias, oneTime } = asked;
    if (oneTime === undefined)
      return {
        right: false,
        rule: 'challenge.wrong',
        explanation: `alias ${alias.name} has no such one-time challenge, or had it so long ago that it is forgotten`,
        countsAsFailure: true,
      };
    const over = whyOver(oneTime, asked.receivedAt);
    if (over !== undefined) return over;
    const { operationalMode } = alias;
    const mismatch = bindingMismatch(oneTime, { ...asked, operationalMode });
    if (mismatch !== undefined) return { right: false, ...mismatch, countsAsFailure: true, misuses: oneTime.id };
    const { certificateProfile } = oneTime;
    return {
      right: true,
      uses: oneTime.id,
      // One that is bound to neither could be for any name.
      boundToDevice: oneTime.subject !== null || oneTime.username !== null,
      ...(certificateProfile !== null && {
        content: { subject: undefined, subjectAltNames: undefined, certificateProfile },
      }),
    };
  }
}

/** Why a challenge is of no use any more; undefined where it is. */
function whyOver(challenge: OneTimeFacts, now: Date): WrongChallenge | undefined {
  const { id, state, closedAt, usedBy, expiresAt } = challenge;
  const since = closedAt?.toISOString() ?? 'some time';
  switch (state) {
    case 'used':
      return over('used', `one-time challenge ${id} was used at ${since} by request ${usedBy ?? '(unknown)'}`);
    case 'burnt':
      return over(
        'burnt',
        `one-time challenge ${id} is burnt since ${since}: too many requests were for something else`,
      );
    case 'revoked':
      return over('revoked', `one-time challenge ${id} was revoked at ${since}`);
    case 'outstanding':
      if (expiresAt > now) return undefined;
      return over('expired', `one-time challenge ${id} has expired at ${expiresAt.toISOString()}`);
  }
}

const over = (how: string, explanation: string): WrongChallenge => ({
  right: false,
  rule: `challenge.oneTime.${how}`,
  explanation: `${explanation}; issue another one`,
  countsAsFailure: false,
});
