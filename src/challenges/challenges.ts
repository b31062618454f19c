import { Injectable } from '@nestjs/common';

import { ApprovalChallenge } from './approval.challenge';
import type { ChallengeKind } from './challenge';
import { EndEntityChallenge } from './end-entity.challenge';

/** The names of the kinds of challenge. */
export const CHALLENGE_KINDS = ['end-entity', 'approval'] as const;

/** One of {@link CHALLENGE_KINDS}. */
export type ChallengeKindName = (typeof CHALLENGE_KINDS)[number];

/** All kinds of challenge, by name. */
@Injectable()
export class Challenges {
  private readonly kinds: Readonly<Record<ChallengeKindName, ChallengeKind>>;

  constructor(endEntity: EndEntityChallenge) {
    this.kinds = { 'end-entity': endEntity, approval: new ApprovalChallenge() };
  }

  /** The challenge of this kind. */
  of(kind: ChallengeKindName): ChallengeKind {
    return this.kinds[kind];
  }
}
