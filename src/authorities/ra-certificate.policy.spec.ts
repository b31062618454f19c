import { authoritySettings } from './authority-settings';
import { planRaCertificates, type ExistingRaCertificate, type RaCertificatePlan } from './ra-certificate.policy';
import type { RaPurpose } from './ra-certificate.entity';

const DAY = 86_400_000;
const START = Date.parse('2026-01-01T00:00:00Z');
const day = (n: number): Date => new Date(START + n * DAY);
const settings = authoritySettings({ raValidityDays: 300 });
const FAR = day(10_000);

const existing = (id: number, purpose: RaPurpose, from: number, to: number): ExistingRaCertificate => ({
  id,
  purpose,
  state: 'current',
  notBefore: day(from),
  notAfter: day(to),
});
const plan = (
  mode: 'none' | 'single' | 'pair',
  certificates: readonly ExistingRaCertificate[],
  at: number,
  end = FAR,
): RaCertificatePlan => planRaCertificates(mode, certificates, settings, end, day(at));

describe('planRaCertificates', () => {
  it('issues what the mode asks for and is not there', () => {
    expect(plan('none', [], 0)).toEqual({ issue: [], retire: [], remove: [] });
    expect(plan('single', [], 0)).toEqual({ issue: ['both'], retire: [], remove: [] });
    expect(plan('pair', [], 0)).toEqual({ issue: ['sign', 'encrypt'], retire: [], remove: [] });
    expect(plan('pair', [existing(1, 'sign', 0, 300)], 0)).toEqual({ issue: ['encrypt'], retire: [], remove: [] });
  });

  it('retires what the mode has no place for', () => {
    expect(plan('none', [existing(1, 'both', 0, 300)], 0)).toEqual({ issue: [], retire: [1], remove: [] });
    expect(plan('pair', [existing(1, 'both', 0, 300)], 0)).toEqual({
      issue: ['sign', 'encrypt'],
      retire: [1],
      remove: [],
    });
  });

  it.each([
    ['a third of the lifetime is left', 0, 300, 199.9, 200],
    ['30 days are left of a lifetime under 90 days', 0, 60, 29.9, 30],
  ])('renews when %s', (_, from, to, before, at) => {
    const certificates = [existing(1, 'both', from, to)];
    expect(plan('single', certificates, before)).toEqual({ issue: [], retire: [], remove: [] });
    expect(plan('single', certificates, at)).toEqual({ issue: ['both'], retire: [1], remove: [] });
  });

  it('renews what has expired', () => {
    expect(plan('single', [existing(1, 'both', 0, 300)], 400).issue).toEqual(['both']);
  });

  it('renews nothing that would not live longer than before', () => {
    expect(plan('single', [existing(1, 'both', 0, 300)], 290, day(300)).issue).toEqual([]);
    expect(plan('single', [existing(1, 'both', 0, 300)], 290, day(300.9)).issue).toEqual([]);
    expect(plan('single', [existing(1, 'both', 0, 300)], 290, day(301)).issue).toEqual(['both']);
  });

  it('issues nothing for an authority that has expired', () => {
    expect(plan('single', [], 20, day(10)).issue).toEqual([]);
  });

  it('removes former ones when they have expired, and never current ones', () => {
    const former = { ...existing(2, 'both', -300, 10), state: 'previous' } as const;
    const current = existing(3, 'both', -100, 300);
    expect(plan('single', [former, current], 10).remove).toEqual([]);
    expect(plan('single', [former, current], 11).remove).toEqual([2]);
  });
});
