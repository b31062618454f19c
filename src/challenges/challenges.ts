import { Injectable } from '@nestjs/common';

import { ApprovalChallenge } from './approval.challenge';
import type { ChallengeKind } from './challenge';
import type { ChallengeKindName } from './challenge-settings';
import { DailyChallenge } from './daily/daily.challenge';
import { EndEntityChallenge } from './end-entity.challenge';
import { IntuneChallenge } from './intune/intune.challenge';
import { ManufacturerChallenge } from './manufacturer/manufacturer.challenge';
import { OneTimeChallenge } from './one-time/one-time.challenge';
import { OpenChallenge } from './open.challenge';
import type { Releasing } from './releasing';
import { StaticChallenge } from './static.challenge';
import { WebhookChallenge } from './webhook/webhook.challenge';

/** All kinds of challenge, by name. */
@Injectable()
export class Challenges {
  private readonly kinds: Readonly<Record<ChallengeKindName, ChallengeKind>>;
  private readonly releasing: Readonly<Partial<Record<ChallengeKindName, Releasing>>>;

  constructor(
    endEntity: EndEntityChallenge,
    fixed: StaticChallenge,
    daily: DailyChallenge,
    oneTime: OneTimeChallenge,
    webhook: WebhookChallenge,
    intune: IntuneChallenge,
  ) {
    this.kinds = {
      'end-entity': endEntity,
      static: fixed,
      daily,
      'one-time': oneTime,
      webhook,
      intune,
      manufacturer: new ManufacturerChallenge(),
      approval: new ApprovalChallenge(),
      open: new OpenChallenge(),
    };
    this.releasing = { intune };
  }

  /** The challenge of this kind. */
  of(kind: ChallengeKindName): ChallengeKind {
    return this.kinds[kind];
  }

  /** Whom a certificate of this kind waits for before it is delivered; undefined: for nobody. */
  releasingOf(kind: ChallengeKindName): Releasing | undefined {
    return this.releasing[kind];
  }
}
