import { type ChallengeKind, RIGHT } from '../challenges/challenge';
import type { Challenges } from '../challenges/challenges';
import { EndEntityStatus } from '../end-entities/end-entity-status';
import { wrongChallenge } from './admission';
import { ChallengeJudgement, type ChallengeFacts } from './challenge-judgement';
import type { RegistrationFacts } from './enrolment-facts.reader';
import type { EnrolmentRequest } from './enrolment-request';
import type { ValidatedRequests } from './validated-requests';

const asked = jest.fn(() => RIGHT);
const judgement = (external: boolean): ChallengeJudgement => {
  const kind: ChallengeKind = { demandsPassword: true, external, judge: asked };
  const challenges = { of: () => kind, releasingOf: () => undefined } as unknown as Challenges;
  return new ChallengeJudgement(challenges, {} as ValidatedRequests);
};
const request = {
  alias: {
    id: 1,
    name: 'scep',
    challenge: { kind: 'webhook' },
    ra: { existingEndEntity: 'refuse' },
    registers: { authorityId: 7 },
  },
  receivedAt: new Date('2026-01-02T03:04:05Z'),
  authority: { id: 7, name: 'Devices', generations: {} },
  generation: { id: 11 },
  certificationRequest: { challengePassword: 'a guess' },
} as unknown as EnrolmentRequest;
const facts = (changes: object): RegistrationFacts & ChallengeFacts =>
  ({
    username: 'phone-1',
    endEntity: {
      username: 'phone-1',
      status: EndEntityStatus.NEW,
      authorityId: 7,
      remainingRequests: 1,
      sourceLockedUntil: null,
      lockedUntil: null,
      ...changes,
    },
  }) as unknown as RegistrationFacts & ChallengeFacts;
const verdicts = () => ({ external: undefined, latest: undefined });
const { publicDetail: NOTHING } = wrongChallenge({
  right: false,
  rule: '',
  explanation: '',
  countsAsFailure: true,
}).error;

beforeEach(() => asked.mockClear());

describe('who has not shown a right challenge is told nothing of an end entity', () => {
  it.each<[string, object, string]>([
    ['is of another alias', { registeringAliasId: 2 }, 'ra.registered-elsewhere'],
    ['was revoked', { registeringAliasId: 1, status: EndEntityStatus.REVOKED }, 'end-entity.status'],
    ['has a certificate', { registeringAliasId: 1, status: EndEntityStatus.GENERATED }, 'ra.existingEndEntity'],
  ])('in RA mode: that it %s', async (_, endEntity, rule) => {
    const { rejection } = await judgement(true).admitRegistration(request, facts(endEntity), verdicts());
    expect(rejection!.error).toMatchObject({
      publicDetail: NOTHING,
      rule,
      explanation: expect.stringContaining('phone-1'),
    });
    expect(asked).not.toHaveBeenCalled();
    const known = await judgement(false).admitRegistration(request, facts(endEntity), verdicts());
    expect(known.rejection!.error).toMatchObject({ rule, publicDetail: expect.not.stringContaining(NOTHING) });
  });

  it('in CA mode: that it is of another authority', async () => {
    const rejection = await judgement(true).admit(request, facts({ authorityId: 8 }), verdicts());
    expect(rejection!.error).toMatchObject({ publicDetail: NOTHING, rule: 'end-entity.authority' });
    expect(asked).not.toHaveBeenCalled();
  });

  it('nor is the administrator told that the challenge was right, of which nobody was asked', async () => {
    const rejection = await judgement(true).admit(request, facts({ status: EndEntityStatus.REVOKED }), verdicts());
    expect(rejection!.error.explanation).toMatch(/^end entity phone-1 is in status REVOKED/);
  });
});

it('an end entity whose requests are used up is still known as such, for the request may be one that waits', async () => {
  expect(await judgement(true).admit(request, facts({ remainingRequests: 0 }), verdicts())).toMatchObject({
    usedUp: true,
  });
});
