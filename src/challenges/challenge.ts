/** What a challenge is checked against: facts that were read with the end entity. */
export interface ChallengeSubject {
  readonly id: string;
  readonly enrolmentCodeVerifier: Buffer | null;
}

/** One kind of challenge: decides whether the challengePassword of a request entitles it to enrol. */
export interface ChallengeKind {
  /** Whether a request without a challengePassword is refused. */
  readonly demandsPassword: boolean;
  /**
   * Whether the password is the right one. Takes the same time for an unknown end entity as for a wrong password.
   * @param subject the end entity that the request names; undefined when there is none
   * @param challengePassword as the request holds it
   */
  isRight(subject: ChallengeSubject | undefined, challengePassword: string): boolean;
}
