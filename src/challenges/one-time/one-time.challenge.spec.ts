import { challengeAlias, challengeCase } from '../../../test/support/challenge-case';
import { challengeContract } from '../../../test/support/challenge-contract';
import { Verifier } from '../../keys/verifier';
import type { ChallengeCase } from '../challenge';
import type { OneTimeFacts } from './one-time-facts';
import { OneTimeChallenge } from './one-time.challenge';

const kind = new OneTimeChallenge(new Verifier(Buffer.alloc(32, 7)));
const alias = challengeAlias({ kind: 'one-time' });
const other = challengeAlias({ kind: 'one-time' }, {}, { id: 2, name: 'vpn' });
const RIGHT = 'Jx3v1u0bQ0q3mJ9Yp1n0bA';

const outstanding: OneTimeFacts = {
  id: '00000000-0000-4000-8000-0000000000aa',
  state: 'outstanding',
  expiresAt: new Date('2026-01-02T04:00:00Z'),
  closedAt: null,
  usedBy: null,
  subject: null,
  subjectAltNames: null,
  certificateProfile: null,
  username: null,
};

/** As the database would look it up: by what the kind makes of the challengePassword. */
const STORED = new Map([
  [kind.verifierOf(alias, RIGHT).toString('hex'), outstanding],
  [kind.verifierOf(other, 'Of the other alias 1').toString('hex'), outstanding],
]);
const ask = (challengePassword: string): Promise<ChallengeCase> => {
  const oneTime = STORED.get(kind.verifierOf(alias, challengePassword).toString('hex'));
  return challengeCase({ alias, challengePassword, oneTime });
};
const asked = (changes: Partial<OneTimeFacts>, subject?: string): Promise<ChallengeCase> =>
  challengeCase({ alias, challengePassword: RIGHT, oneTime: { ...outstanding, ...changes } }, subject);

describe('the challenge of kind one-time', () => {
  challengeContract(() => ({
    kind,
    ask,
    right: RIGHT,
    foreign: 'Of the other alias 1',
    secrets: [...STORED.keys()],
  }));

  it('is used up by what it lets in', async () => {
    expect(kind.judge(await ask(RIGHT))).toMatchObject({ right: true, uses: outstanding.id });
  });

  it('says by which certificate profile is issued, where it is bound to one', async () => {
    expect(kind.judge(await asked({ certificateProfile: 'PHONES' }))).toEqual({
      right: true,
      uses: outstanding.id,
      boundToDevice: false,
      content: { subject: undefined, subjectAltNames: undefined, certificateProfile: 'PHONES' },
    });
  });

  const closedAt = new Date('2026-01-02T03:00:00Z');
  it.each<[string, Partial<OneTimeFacts>, RegExp]>([
    ['used', { state: 'used', closedAt, usedBy: 'R-1' }, /was used at 2026-01-02T03:00:00.000Z by request R-1/],
    ['burnt', { state: 'burnt', closedAt }, /is burnt since 2026-01-02T03:00:00.000Z/],
    ['revoked', { state: 'revoked', closedAt }, /was revoked at 2026-01-02T03:00:00.000Z/],
    ['expired', { expiresAt: new Date('2026-01-02T03:04:05Z') }, /has expired at 2026-01-02T03:04:05.000Z/],
  ])('is of no use when it is %s, which is no guess', async (how, changes, explanation) => {
    expect(kind.judge(await asked(changes))).toEqual({
      right: false,
      rule: `challenge.oneTime.${how}`,
      explanation: expect.stringMatching(explanation) as unknown,
      countsAsFailure: false,
    });
  });

  it('counts a request for something else against the source and the challenge, and does not use it up', async () => {
    expect(kind.judge(await asked({ subject: 'CN=router-1', subjectAltNames: [] }, 'CN=router-2'))).toEqual({
      right: false,
      rule: 'challenge.oneTime.subject',
      explanation: 'the challenge is bound to the subject CN=router-1, and the request is for CN=router-2',
      countsAsFailure: true,
      misuses: outstanding.id,
    });
  });

  it('looks at what it is bound to only while it is of use', async () => {
    const verdict = kind.judge(await asked({ state: 'used', closedAt, subject: 'CN=else' }));
    expect(verdict).toMatchObject({ rule: 'challenge.oneTime.used' });
    expect(verdict).not.toHaveProperty('misuses');
  });
});
