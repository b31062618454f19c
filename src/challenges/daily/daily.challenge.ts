import { Injectable } from '@nestjs/common';

import { type ChallengeCase, type ChallengeKind, type ChallengeVerdict, RIGHT } from '../challenge';
import { calendarDay } from './calendar-day';
import { type DailyKey, DailyKeys } from './daily-keys';
import { overlapMs } from './daily-settings';
import { typedDailyText } from './daily-text';

const DAY_MS = 86_400_000;

/** A challenge for all requests of one calendar day: derived, so that all gateways know it and none has stored it. */
@Injectable()
export class DailyChallenge implements ChallengeKind {
  readonly demandsPassword = true;
  readonly external = false;

  constructor(private readonly keys: DailyKeys) {}

  async judge({ alias, challengePassword, receivedAt }: ChallengeCase): Promise<ChallengeVerdict> {
    const key = (await this.keys.get()).get(alias.id);
    if (key === undefined)
      return wrong(`nobody has read a challenge of alias ${alias.name} yet, so there is none: read that of today`);
    const { timeZone } = alias.challenge.daily;
    const typed = typedDailyText(challengePassword);
    const isOf = (moment: number): boolean => equalsDay(key, calendarDay(new Date(moment), timeZone), typed);
    const now = receivedAt.getTime();
    // Before midnight both are today; after it the second is the day before for as long as both are right.
    const [today, overlapping] = [isOf(now), isOf(now - overlapMs(alias.challenge.daily))];
    if (today || overlapping) return RIGHT;
    const day = calendarDay(receivedAt, timeZone);
    if (isOf(now - DAY_MS))
      return {
        right: false,
        rule: 'challenge.daily.over',
        explanation: `the challengePassword is that of the day before ${day} (${timeZone}), which is right for ${alias.challenge.daily.overlap} after midnight only (challenge.daily.overlap)`,
        // Who has it did not guess it.
        countsAsFailure: false,
      };
    return wrong(`the challengePassword is not that of ${day} (${timeZone}) at alias ${alias.name}`);
  }
}

const equalsDay = (key: DailyKey, day: string, typed: string): boolean =>
  key.equal(typed, typedDailyText(key.challengeOf(day)));

const wrong = (explanation: string): ChallengeVerdict => ({
  right: false,
  rule: 'challenge.wrong',
  explanation,
  countsAsFailure: true,
});
