import { FixedClock } from '../../../test/support/fixed-clock';
import { ALIAS_DEFAULTS } from '../../aliases/alias';
import { RequestRates } from './request-rates';

const alias = (requestsPerMinute: number, id = 1) => ({
  id,
  limits: { ...ALIAS_DEFAULTS.limits, requestsPerMinute },
});

describe('requests in a minute', () => {
  const clock = new FixedClock();
  let rates: RequestRates;
  beforeEach(() => {
    rates = new RequestRates(clock);
  });
  const ask = (of = alias(6), source = '192.0.2.1'): number | undefined => rates.secondsUntilNext(of, source);
  const spend = (of = alias(6), source = '192.0.2.1'): void => {
    for (let i = 0; i < of.limits.requestsPerMinute; i++) expect(ask(of, source)).toBeUndefined();
  };

  it('are free where there is no limit', () => {
    for (let i = 0; i < 100; i++) expect(ask(alias(0))).toBeUndefined();
  });

  it('come at once, and then as the minute goes by', () => {
    spend();
    expect(ask()).toBe(10);
    clock.advance({ seconds: 4 });
    expect(ask()).toBe(6);
    clock.advance({ seconds: 6 });
    expect(ask()).toBeUndefined();
    expect(ask()).toBe(10);
    clock.advance({ hours: 1 });
    spend();
    expect(ask()).toBe(10);
  });

  it('are counted for each alias and source; of IPv6 for the network', () => {
    spend();
    expect(ask(alias(6, 2))).toBeUndefined();
    expect(ask(alias(6), '192.0.2.2')).toBeUndefined();
    spend(alias(6), '2001:db8::1');
    expect(ask(alias(6), '2001:db8::ffff')).toBe(10);
  });

  it('obey the limit as it is by now', () => {
    spend(alias(60));
    expect(ask(alias(60))).toBe(1);
    clock.advance({ minutes: 1 });
    spend(alias(6));
    expect(ask(alias(6))).toBe(10);
  });

  it('are not given away by a clock that is set back', () => {
    spend();
    clock.advance({ hours: -1 });
    expect(ask()).toBe(10);
    clock.advance({ seconds: 10 });
    expect(ask()).toBeUndefined();
  });

  it('are remembered of so many sources, those that asked last', () => {
    spend(alias(1), '192.0.2.1');
    spend(alias(1), '192.0.2.2');
    for (let i = 0; i < 20_000; i++) {
      ask(alias(1), `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`);
      if (i % 1000 === 0) expect(ask(alias(1), '192.0.2.1')).toBe(60);
    }
    expect(ask(alias(1), '192.0.2.2')).toBeUndefined();
  });
});
