import { challengeAlias, challengeCase } from '../../../test/support/challenge-case';
import { challengeContract } from '../../../test/support/challenge-contract';
import { Verifier } from '../../keys/verifier';
import type { ChallengeVerdict } from '../challenge';
import { DailyChallenge } from './daily.challenge';
import { DailyKey, type DailyKeys } from './daily-keys';

const keyOf = (byte: number): DailyKey => new DailyKey(new Verifier(Buffer.alloc(32, byte)));
const [own, foreign] = [keyOf(1), keyOf(2)];
const kind = new DailyChallenge({
  get: () =>
    Promise.resolve(
      new Map([
        [1, own],
        [2, foreign],
      ]),
    ),
} as unknown as DailyKeys);
const aliasIn = (timeZone: string, overlap = '1h', id = 1): ReturnType<typeof challengeAlias> =>
  challengeAlias({ kind: 'daily', daily: { timeZone, overlap } }, {}, { id });

async function judged(at: string, challengePassword: string, alias = aliasIn('UTC')): Promise<ChallengeVerdict> {
  return kind.judge(await challengeCase({ alias, challengePassword, receivedAt: new Date(at) }));
}

describe('the challenge of kind daily', () => {
  challengeContract(() => ({
    kind,
    ask: (challengePassword) => challengeCase({ alias: aliasIn('UTC'), challengePassword }),
    right: own.challengeOf('2026-01-02'),
    foreign: foreign.challengeOf('2026-01-02'),
    secrets: [own.challengeOf('2026-01-01'), own.challengeOf('2026-01-03')],
  }));

  it('is another one each day and at each alias, and always the same', () => {
    const texts = ['2026-01-01', '2026-01-02', '2027-01-01'].flatMap((day) => [
      own.challengeOf(day),
      foreign.challengeOf(day),
    ]);
    expect(new Set(texts).size).toBe(6);
    expect(keyOf(1).challengeOf('2026-01-01')).toBe(texts[0]);
  });

  it('may be typed without hyphens, in capitals, with blanks', async () => {
    const challenge = own.challengeOf('2026-01-02');
    for (const typed of [challenge.replaceAll('-', ''), challenge.toUpperCase(), challenge.replaceAll('-', ' ')])
      expect(await judged('2026-01-02T12:00:00Z', typed)).toMatchObject({ right: true });
  });

  it.each([
    ['a moment before midnight', 'UTC', '1h', '2026-01-31T23:59:59.999Z', true, false],
    ['at midnight', 'UTC', '1h', '2026-02-01T00:00:00.000Z', true, true],
    ['within the overlap', 'UTC', '1h', '2026-02-01T00:59:59.999Z', true, true],
    ['at its end', 'UTC', '1h', '2026-02-01T01:00:00.000Z', false, true],
    ['without an overlap', 'UTC', '0h', '2026-02-01T00:00:00.000Z', false, true],
    ['by the calendar of the alias, before', 'Asia/Tokyo', '30m', '2026-01-31T14:59:59.999Z', true, false],
    ['by the calendar of the alias, after', 'Asia/Tokyo', '30m', '2026-01-31T15:29:59.999Z', true, true],
    ['by the calendar of the alias, later', 'Asia/Tokyo', '30m', '2026-01-31T15:30:00.000Z', false, true],
  ])('passes from one day to the next: %s', async (_, timeZone, overlap, at, before, after) => {
    const alias = aliasIn(timeZone, overlap);
    expect((await judged(at, own.challengeOf('2026-01-31'), alias)).right).toBe(before);
    expect((await judged(at, own.challengeOf('2026-02-01'), alias)).right).toBe(after);
  });

  it.each([
    // Clocks are put forward at 01:00 UTC, from 2 to 3: the overlap is two hours all the same.
    ['forward', 'Europe/Berlin', '2026-03-28', ['2026-03-29T00:59:59Z', '2026-03-29T01:00:00Z']],
    ['back', 'Europe/Berlin', '2026-10-24', ['2026-10-24T23:59:59Z', '2026-10-25T00:00:00Z']],
    // No midnight: the day begins at one o'clock.
    ['forward at midnight', 'Africa/Cairo', '2026-04-23', ['2026-04-23T23:59:59Z', '2026-04-24T00:00:00Z']],
  ])('overlaps for as long when clocks are put %s', async (_, timeZone, day, [last, over]) => {
    const alias = aliasIn(timeZone, '2h');
    expect((await judged(last!, own.challengeOf(day), alias)).right).toBe(true);
    expect((await judged(over!, own.challengeOf(day), alias)).right).toBe(false);
  });

  it('says of yesterday that it is over, which is no guess', async () => {
    expect(await judged('2026-01-02T12:00:00Z', own.challengeOf('2026-01-01'))).toMatchObject({
      right: false,
      rule: 'challenge.daily.over',
      countsAsFailure: false,
    });
    expect(await judged('2026-01-02T12:00:00Z', own.challengeOf('2025-12-31'))).toMatchObject({
      rule: 'challenge.wrong',
      countsAsFailure: true,
    });
  });

  it('lets in nobody before it was ever read', async () => {
    expect(await judged('2026-01-02T12:00:00Z', '', aliasIn('UTC', '1h', 3))).toMatchObject({ right: false });
  });
});
