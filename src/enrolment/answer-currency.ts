import type { LedgerFacts } from './enrolment-facts.reader';

/**
 * Whether the answer in the ledger may be given again: its certificate is neither revoked nor in its renewal window (the
 * last half of the validity), and the end entity was not put back to NEW since. Otherwise the request is judged anew
 * (draft-nourse-scep-23 section 2.1.2 excludes the same cases).
 */
export function isAnswerCurrent(answer: LedgerFacts, now: Date): boolean {
  const renewalFrom = (answer.notBefore.getTime() + answer.notAfter.getTime()) / 2;
  return answer.revokedAt === null && answer.presentEpoch === answer.answeredEpoch && now.getTime() < renewalFrom;
}
