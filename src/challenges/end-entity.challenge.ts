import { Injectable } from '@nestjs/common';

import { enrolmentCodeContext } from '../end-entities/enrolment-code';
import { Verifier } from '../keys/verifier';
import { type ChallengeCase, type ChallengeKind, type ChallengeVerdict, RIGHT } from './challenge';

/** Verifies against nothing when the end entity is unknown, so that the time tells no user names. */
const NOBODY = Buffer.alloc(32);

/** The enrolment code of the end entity itself: EJBCA's CA mode. */
@Injectable()
export class EndEntityChallenge implements ChallengeKind {
  readonly demandsPassword = true;
  readonly external = false;

  constructor(private readonly verifier: Verifier) {}

  judge({ endEntity, challengePassword }: ChallengeCase): ChallengeVerdict {
    const stored = endEntity?.enrolmentCodeVerifier;
    const context = enrolmentCodeContext(endEntity?.id ?? '0');
    const matches = this.verifier.matches(context, challengePassword, stored ?? NOBODY);
    if (matches && stored != null) return RIGHT;
    return {
      right: false,
      rule: 'challenge.wrong',
      explanation: `the challengePassword is not the enrolment code of end entity ${endEntity?.username ?? '(unknown)'}`,
      countsAsFailure: true,
    };
  }
}
