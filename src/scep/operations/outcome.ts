import type { EnrolmentOutcome } from '../../enrolment/enrolment-request';

/** What was asked for is there, and nothing was issued. */
export interface AnsweredOutcome {
  readonly kind: 'answered';
  /** DER; what was asked for first. */
  readonly certificates: readonly Buffer[];
  /** DER. */
  readonly crls: readonly Buffer[];
}

/** What became of a message. */
export type Outcome = EnrolmentOutcome | AnsweredOutcome;

/** An outcome before all about it is written down; see `UnsettledOutcome` of the enrolment, which is one. */
export interface UnsettledAnswer {
  readonly provisional: Outcome;
  readonly settled: Promise<Outcome>;
}
