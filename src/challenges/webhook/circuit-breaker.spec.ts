import { FixedClock } from '../../../test/support/fixed-clock';
import { BREAK_MS, CircuitBreaker, FAILURES_BEFORE_BREAK } from './circuit-breaker';

describe('CircuitBreaker', () => {
  let clock: FixedClock;
  let breaker: CircuitBreaker;

  beforeEach(() => {
    clock = new FixedClock();
    breaker = new CircuitBreaker(clock);
  });

  const fail = (times: number): void => {
    for (let count = 0; count < times; count++) breaker.failed(`failure ${count}`);
  };

  it('lets through until the service has failed so often in a row', () => {
    fail(FAILURES_BEFORE_BREAK - 1);
    expect(breaker.enter()).toEqual({ allowed: true });
    breaker.answered();
    fail(FAILURES_BEFORE_BREAK - 1);
    expect(breaker.enter()).toEqual({ allowed: true });
    breaker.failed('the last straw');
    const until = new Date(clock.now().getTime() + BREAK_MS);
    expect(breaker.enter()).toEqual({ allowed: false, until, lastFailure: 'the last straw' });
  });

  it('lets one request try when the time is over, and all when that went well', () => {
    fail(FAILURES_BEFORE_BREAK);
    clock.advance({ milliseconds: BREAK_MS - 1 });
    expect(breaker.enter()).toMatchObject({ allowed: false });
    clock.advance({ milliseconds: 1 });
    expect(breaker.enter()).toEqual({ allowed: true });
    expect(breaker.enter()).toMatchObject({ allowed: false, until: undefined });
    breaker.answered();
    expect(breaker.enter()).toEqual({ allowed: true });
    expect(breaker.enter()).toEqual({ allowed: true });
  });

  it('breaks again when it did not', () => {
    fail(FAILURES_BEFORE_BREAK);
    clock.advance({ milliseconds: BREAK_MS });
    breaker.enter();
    breaker.failed('still down');
    expect(breaker.enter()).toMatchObject({ allowed: false, lastFailure: 'still down' });
    clock.advance({ milliseconds: BREAK_MS });
    expect(breaker.enter()).toEqual({ allowed: true });
  });

  it('does not stay broken for what was begun before', () => {
    fail(FAILURES_BEFORE_BREAK);
    clock.advance({ milliseconds: BREAK_MS - 1 });
    breaker.failed('late');
    clock.advance({ milliseconds: 1 });
    expect(breaker.enter()).toEqual({ allowed: true });
  });
});
