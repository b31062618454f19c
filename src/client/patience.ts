import type { EnrolmentReply } from './enrolment-message';

/** How long a client waits for its CA to decide, and how often it asks. */
export interface Patience {
  /** Between an answer and the next question, in milliseconds; more than 0. */
  readonly intervalMs: number;
  /** In all, in milliseconds. Less than one interval: nothing is asked again. */
  readonly totalMs: number;
}

/**
 * Asks again as long as the answer is PENDING and the patience lasts (RFC 8894 section 4.4).
 *
 * @param answer the first one
 * @param ask sends a CertPoll and reads its answer
 * @param wait for so many milliseconds
 * @returns the last answer, which is PENDING where the CA has not decided in time
 */
export async function untilDecided(
  answer: EnrolmentReply,
  { intervalMs, totalMs }: Patience,
  ask: () => Promise<EnrolmentReply>,
  wait: (milliseconds: number) => Promise<void>,
): Promise<EnrolmentReply> {
  let last = answer;
  for (let polls = Math.floor(totalMs / intervalMs); last.pkiStatus === 'PENDING' && polls > 0; polls--) {
    await wait(intervalMs);
    last = await ask();
  }
  return last;
}
