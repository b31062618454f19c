import type { ChallengeKind } from './challenge';

/**
 * None at all: an officer looks at each request instead. Clients of a polling RA send a random challengePassword, or
 * none, so any will do.
 */
export class ApprovalChallenge implements ChallengeKind {
  readonly demandsPassword = false;

  isRight(): boolean {
    return true;
  }
}
