import { type ChallengeVerdict, RIGHT } from '../challenges/challenge';
import { EndEntityStatus } from '../end-entities/end-entity-status';
import { judgeAdmission, lockoutOfSource } from './admission';
import type { EndEntityFacts } from './enrolment-facts.reader';
import type { EnrolmentRequest } from './enrolment-request';

const NOW = new Date('2026-01-02T03:04:05Z');
const LATER = new Date('2026-01-02T03:05:00Z');

const request = {
  alias: { name: 'scep', challenge: { kind: 'end-entity' } },
  receivedAt: NOW,
  source: '192.0.2.1',
  authority: { id: 7, name: 'Devices', generations: { next: { id: 12, startsAt: LATER } } },
  generation: { id: 11, number: 1 },
} as unknown as EnrolmentRequest;

const endEntity = (changes: Partial<EndEntityFacts> = {}): EndEntityFacts => ({
  id: '1',
  username: 'router-1',
  status: EndEntityStatus.NEW,
  subject: 'CN=router-1',
  subjectAltNames: [],
  authorityId: 7,
  certificateProfileId: 1,
  endEntityProfileId: 1,
  enrolmentCodeVerifier: Buffer.alloc(32),
  remainingRequests: 1,
  lockedUntil: null,
  epoch: 0,
  sourceLockedUntil: null,
  failedAttempts: 0,
  latestSerialNumber: null,
  openApprovals: 0,
  registeringAliasId: null,
  shadowGenerationId: null,
  ...changes,
});

const WRONG: ChallengeVerdict = { right: false, rule: 'challenge.wrong', explanation: 'no', countsAsFailure: true };

describe('admission', () => {
  it.each([EndEntityStatus.NEW, EndEntityStatus.FAILED, EndEntityStatus.INPROCESS])(
    'lets status %s enrol',
    (status) => {
      expect(judgeAdmission(request, endEntity({ status }), RIGHT)).toBeUndefined();
    },
  );

  const refusals: [string, EndEntityFacts | undefined, ChallengeVerdict, string, boolean][] = [
    ['unknown user', undefined, WRONG, 'end-entity.unknown', false],
    ['wrong challenge', endEntity(), WRONG, 'challenge.wrong', true],
    [
      'locked source, right challenge',
      endEntity({ sourceLockedUntil: LATER }),
      RIGHT,
      'limits.lockout-of-source',
      false,
    ],
    [
      'locked end entity, right challenge',
      endEntity({ lockedUntil: LATER }),
      RIGHT,
      'limits.lockout-of-end-entity',
      false,
    ],
    [
      'wrong status, right challenge',
      endEntity({ status: EndEntityStatus.GENERATED }),
      RIGHT,
      'end-entity.status',
      false,
    ],
    ['wrong status, wrong challenge', endEntity({ status: EndEntityStatus.REVOKED }), WRONG, 'challenge.wrong', true],
    ['no request left', endEntity({ remainingRequests: 0 }), RIGHT, 'end-entity.allowed-requests', false],
  ];

  it.each(refusals)('refuses: %s', (_, facts, verdict, rule, counts) => {
    const rejection = judgeAdmission(request, facts, verdict);
    expect(rejection?.error.rule).toBe(rule);
    expect(rejection?.countsAsFailure).toBe(counts);
  });

  it('says the same to the device whatever the reason', () => {
    const texts = refusals.map(([, facts, verdict]) => judgeAdmission(request, facts, verdict)?.error);
    expect(new Set(texts.map((error) => error?.publicDetail)).size).toBe(1);
    expect(new Set(texts.map((error) => error?.code))).toEqual(new Set(['challenge-rejected']));
  });

  it('lets a wrong challenge that is no code of an end entity count, known or unknown', () => {
    const fixed = { ...request, alias: { challenge: { kind: 'static' } } } as unknown as EnrolmentRequest;
    for (const facts of [undefined, endEntity()])
      expect(judgeAdmission(fixed, facts, WRONG)).toMatchObject({
        error: { rule: 'challenge.wrong' },
        countsAsFailure: true,
      });
    expect(judgeAdmission(fixed, undefined, RIGHT)?.error.rule).toBe('end-entity.unknown');
  });

  it('lets a source in again when its lockout from the alias is over', () => {
    const of = (lockedUntil: Date | null) => lockoutOfSource(request, { failures: 20, lockedUntil })?.error.rule;
    expect([of(LATER), of(NOW), of(null)]).toEqual(['limits.lockout-of-source-at-alias', undefined, undefined]);
  });

  it('lets a lockout end', () => {
    expect(judgeAdmission(request, endEntity({ lockedUntil: NOW, sourceLockedUntil: NOW }), RIGHT)).toBeUndefined();
  });

  it('refuses an end entity of another authority, and says so, for the device knows the code', () => {
    const rejection = judgeAdmission(request, endEntity({ authorityId: 8 }), RIGHT);
    expect(rejection?.error).toMatchObject({ code: 'request-refused', rule: 'end-entity.authority' });
  });

  it('gives one certificate of the next CA in advance, but does not count those of other generations', () => {
    const toNext = { ...request, generation: request.authority.generations.next } as EnrolmentRequest;
    const given = endEntity({ shadowGenerationId: 12 });
    expect(judgeAdmission(toNext, given, RIGHT)?.error.rule).toBe('rollover.certificate-given');
    expect(judgeAdmission(toNext, given, WRONG)?.error.rule).toBe('challenge.wrong');
    expect(judgeAdmission(toNext, endEntity({ shadowGenerationId: 11 }), RIGHT)).toBeUndefined();
    expect(judgeAdmission(request, given, RIGHT)).toBeUndefined();
  });
});
