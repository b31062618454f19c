import { type ChallengeKind, RIGHT, type RightChallenge } from './challenge';

/**
 * None at all: whoever reaches the alias gets a certificate, by nothing but the name that it asks for. Nothing leads here
 * but this very word in the settings; the log says so at each start, and so does the alias when it is shown.
 */
export class OpenChallenge implements ChallengeKind {
  readonly demandsPassword = false;
  readonly external = false;

  judge(): RightChallenge {
    return RIGHT;
  }
}
