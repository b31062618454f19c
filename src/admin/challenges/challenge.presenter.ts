import type { ReadDailyChallenge } from '../../challenges/daily/daily-challenges';
import type { OneTimeChallengeEntity } from '../../challenges/one-time/one-time-challenge.entity';
import type { IssuedOneTimeChallenge } from '../../challenges/one-time/one-time-challenges';
import type { SubjectAltName } from '../../profiles/subject-alt-name';
import { integer, listOf, moment, optionalText, record, text, type Answer } from '../openapi/documented';

/** A one-time challenge that is outstanding, without its value, which nobody knows any more. */
export interface OneTimeChallengeView {
  readonly id: string;
  /** What it is bound to; null where it is not. */
  readonly subject: string | null;
  readonly subjectAltNames: readonly SubjectAltName[] | null;
  readonly certificateProfile: string | null;
  readonly username: string | null;
  /** Requests for something else than it is bound to. */
  readonly failedAttempts: number;
  readonly issuedBy: string;
  readonly issuedAt: Date;
  readonly expiresAt: Date;
}

/** {@link OneTimeChallengeView} in the OpenAPI document. */
export const ONE_TIME_CHALLENGE_ANSWER: Answer = {
  name: 'OneTimeChallenge',
  properties: {
    id: text,
    subject: optionalText,
    subjectAltNames: { ...listOf(record({ type: text, value: text })), nullable: true },
    certificateProfile: optionalText,
    username: optionalText,
    failedAttempts: integer,
    issuedBy: text,
    issuedAt: moment,
    expiresAt: moment,
  },
};

/** Makes the view; the certificate profile was read along. */
export const oneTimeChallengeView = (row: OneTimeChallengeEntity): OneTimeChallengeView => ({
  id: row.id,
  subject: row.subject,
  subjectAltNames: row.subjectAltNames,
  certificateProfile: row.certificateProfile?.name ?? null,
  username: row.username,
  failedAttempts: row.failedAttempts,
  issuedBy: row.issuedBy,
  issuedAt: row.issuedAt,
  expiresAt: row.expiresAt,
});

/** A challenge in the only answer that holds it. */
export type IssuedChallengeView = IssuedOneTimeChallenge;

/** {@link IssuedChallengeView} in the OpenAPI document. */
export const ISSUED_CHALLENGE_ANSWER: Answer = {
  name: 'IssuedOneTimeChallenge',
  properties: { id: text, challengePassword: text, expiresAt: moment },
};

/** {@link ReadDailyChallenge} in the OpenAPI document. */
export const DAILY_CHALLENGE_ANSWER: Answer = {
  name: 'DailyChallenge',
  properties: { day: text, timeZone: text, challengePassword: text, expiresAt: moment },
};

/** The challenge of a day as it is answered. */
export type DailyChallengeView = ReadDailyChallenge;
