import { isAnswerCurrent } from './answer-currency';
import type { LedgerFacts } from './enrolment-facts.reader';

const answer = (changes: Partial<LedgerFacts> = {}): LedgerFacts => ({
  certificate: Buffer.of(1),
  generationId: 1,
  serialNumber: Buffer.of(1),
  notBefore: new Date('2026-01-01T00:00:00Z'),
  notAfter: new Date('2026-01-03T00:00:00Z'),
  revokedAt: null,
  unreleased: false,
  username: 'router-1',
  answeredEpoch: 3,
  presentEpoch: 3,
  ...changes,
});

describe('I-25, N-03, N-04: an answer is given again', () => {
  it('until half of the validity has passed', () => {
    expect(isAnswerCurrent(answer(), new Date('2026-01-01T23:59:59Z'))).toBe(true);
    expect(isAnswerCurrent(answer(), new Date('2026-01-02T00:00:00Z'))).toBe(false);
  });

  it.each([
    ['revoked', { revokedAt: new Date('2026-01-01T00:00:01Z') }],
    ['put back to NEW since', { presentEpoch: 4 }],
    ['end entity deleted', { presentEpoch: null }],
  ])('not when %s', (_, changes) => {
    expect(isAnswerCurrent(answer(changes), new Date('2026-01-01T12:00:00Z'))).toBe(false);
  });
});
