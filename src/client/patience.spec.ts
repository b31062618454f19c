import type { EnrolmentReply } from './enrolment-message';
import { untilDecided } from './patience';

const PENDING: EnrolmentReply = { pkiStatus: 'PENDING' };
const FAILURE: EnrolmentReply = { pkiStatus: 'FAILURE', failInfo: 'badRequest', failInfoText: undefined };

describe('untilDecided', () => {
  let waits: number[];
  let answers: EnrolmentReply[];
  const run = (first: EnrolmentReply, intervalMs: number, totalMs: number): Promise<EnrolmentReply> =>
    untilDecided(
      first,
      { intervalMs, totalMs },
      () => Promise.resolve(answers.shift() ?? PENDING),
      (milliseconds) => {
        waits.push(milliseconds);
        return Promise.resolve();
      },
    );

  beforeEach(() => {
    waits = [];
    answers = [];
  });

  it('asks nothing where the first answer decides', async () => {
    expect(await run(FAILURE, 1000, 60_000)).toBe(FAILURE);
    expect(waits).toEqual([]);
  });

  it('asks at intervals until the answer decides', async () => {
    answers = [PENDING, PENDING, FAILURE];
    expect(await run(PENDING, 1000, 60_000)).toBe(FAILURE);
    expect(waits).toEqual([1000, 1000, 1000]);
  });

  it('gives up when its time is over', async () => {
    expect(await run(PENDING, 1000, 3500)).toBe(PENDING);
    expect(waits).toHaveLength(3);
  });

  it('does not wait at all for less than an interval', async () => {
    expect(await run(PENDING, 1000, 999)).toBe(PENDING);
    expect(waits).toEqual([]);
  });
});
