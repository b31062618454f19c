import { type ChallengeKind, RIGHT, type RightChallenge } from './challenge';

/**
 * None at all: an officer looks at each request instead. Clients of a polling RA send a random challengePassword, or
 * none, so any will do.
 */
export class ApprovalChallenge implements ChallengeKind {
  readonly demandsPassword = false;
  readonly external = false;

  judge(): RightChallenge {
    return RIGHT;
  }
}
