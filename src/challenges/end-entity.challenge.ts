import { Injectable } from '@nestjs/common';

import { enrolmentCodeContext } from '../end-entities/enrolment-code';
import { Verifier } from '../keys/verifier';
import type { ChallengeKind, ChallengeSubject } from './challenge';

/** Verifies against nothing when the end entity is unknown, so that the time tells no user names. */
const NOBODY = Buffer.alloc(32);

/** The enrolment code of the end entity itself: EJBCA's CA mode. */
@Injectable()
export class EndEntityChallenge implements ChallengeKind {
  readonly demandsPassword = true;

  constructor(private readonly verifier: Verifier) {}

  isRight(subject: ChallengeSubject | undefined, challengePassword: string): boolean {
    const stored = subject?.enrolmentCodeVerifier ?? NOBODY;
    const matches = this.verifier.matches(enrolmentCodeContext(subject?.id ?? '0'), challengePassword, stored);
    return matches && subject?.enrolmentCodeVerifier != null;
  }
}
