import { Injectable } from '@nestjs/common';

import { ApprovalChallenge } from './approval.challenge';
import type { ChallengeKind } from './challenge';
import type { ChallengeKindName } from './challenge-settings';
import { DailyChallenge } from './daily/daily.challenge';
import { EndEntityChallenge } from './end-entity.challenge';
import { ManufacturerChallenge } from './manufacturer/manufacturer.challenge';
import { OneTimeChallenge } from './one-time/one-time.challenge';
import { OpenChallenge } from './open.challenge';
import { StaticChallenge } from './static.challenge';
import { WebhookChallenge } from './webhook/webhook.challenge';

/** All kinds of challenge, by name. */
@Injectable()
export class Challenges {
  private readonly kinds: Readonly<Record<ChallengeKindName, ChallengeKind>>;

  constructor(
    endEntity: EndEntityChallenge,
    fixed: StaticChallenge,
    daily: DailyChallenge,
    oneTime: OneTimeChallenge,
    webhook: WebhookChallenge,
  ) {
    this.kinds = {
      'end-entity': endEntity,
      static: fixed,
      daily,
      'one-time': oneTime,
      webhook,
      manufacturer: new ManufacturerChallenge(),
      approval: new ApprovalChallenge(),
      open: new OpenChallenge(),
    };
  }

  /** The challenge of this kind. */
  of(kind: ChallengeKindName): ChallengeKind {
    return this.kinds[kind];
  }
}
