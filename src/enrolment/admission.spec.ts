import { EndEntityStatus } from '../end-entities/end-entity-status';
import { judgeAdmission } from './admission';
import type { EndEntityFacts } from './enrolment-facts.reader';
import type { EnrolmentRequest } from './enrolment-request';

const NOW = new Date('2026-01-02T03:04:05Z');
const LATER = new Date('2026-01-02T03:05:00Z');

const request = {
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
  shadowGenerationId: null,
  ...changes,
});

describe('admission', () => {
  it.each([EndEntityStatus.NEW, EndEntityStatus.FAILED, EndEntityStatus.INPROCESS])(
    'lets status %s enrol',
    (status) => {
      expect(judgeAdmission(request, endEntity({ status }), true)).toBeUndefined();
    },
  );

  const refusals: [string, EndEntityFacts | undefined, boolean, string, boolean][] = [
    ['unknown user', undefined, false, 'end-entity.unknown', false],
    ['wrong challenge', endEntity(), false, 'challenge.wrong', true],
    [
      'locked source, right challenge',
      endEntity({ sourceLockedUntil: LATER }),
      true,
      'limits.lockout-of-source',
      false,
    ],
    [
      'locked end entity, right challenge',
      endEntity({ lockedUntil: LATER }),
      true,
      'limits.lockout-of-end-entity',
      false,
    ],
    [
      'wrong status, right challenge',
      endEntity({ status: EndEntityStatus.GENERATED }),
      true,
      'end-entity.status',
      false,
    ],
    ['wrong status, wrong challenge', endEntity({ status: EndEntityStatus.REVOKED }), false, 'challenge.wrong', true],
    ['no request left', endEntity({ remainingRequests: 0 }), true, 'end-entity.allowed-requests', false],
  ];

  it.each(refusals)('refuses: %s', (_, facts, isRight, rule, counts) => {
    const rejection = judgeAdmission(request, facts, isRight);
    expect(rejection?.error.rule).toBe(rule);
    expect(rejection?.countsAsFailure).toBe(counts);
  });

  it('says the same to the device whatever the reason', () => {
    const texts = refusals.map(([, facts, isRight]) => judgeAdmission(request, facts, isRight)?.error);
    expect(new Set(texts.map((error) => error?.publicDetail)).size).toBe(1);
    expect(new Set(texts.map((error) => error?.code))).toEqual(new Set(['challenge-rejected']));
  });

  it('lets a lockout end', () => {
    expect(judgeAdmission(request, endEntity({ lockedUntil: NOW, sourceLockedUntil: NOW }), true)).toBeUndefined();
  });

  it('refuses an end entity of another authority, and says so, for the device knows the code', () => {
    const rejection = judgeAdmission(request, endEntity({ authorityId: 8 }), true);
    expect(rejection?.error).toMatchObject({ code: 'request-refused', rule: 'end-entity.authority' });
  });

  it('gives one certificate of the next CA in advance, but does not count those of other generations', () => {
    const toNext = { ...request, generation: request.authority.generations.next } as EnrolmentRequest;
    const given = endEntity({ shadowGenerationId: 12 });
    expect(judgeAdmission(toNext, given, true)?.error.rule).toBe('rollover.certificate-given');
    expect(judgeAdmission(toNext, given, false)?.error.rule).toBe('challenge.wrong');
    expect(judgeAdmission(toNext, endEntity({ shadowGenerationId: 11 }), true)).toBeUndefined();
    expect(judgeAdmission(request, given, true)).toBeUndefined();
  });
});
