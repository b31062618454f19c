import { FixedClock } from '../../test/support/fixed-clock';
import { FAILURE_WINDOW_MS, FailureLimit, MAX_FAILURES } from './failure-limit';

describe('the limit of failed attempts', () => {
  const failing = (limit: FailureLimit, address: string, times: number): void => {
    for (let i = 0; i < times; i++) limit.failed(address);
  };

  it('lets an address wait after too many failures, for the rest of the window', () => {
    const clock = new FixedClock();
    const limit = new FailureLimit(clock);
    failing(limit, 'a', MAX_FAILURES - 1);
    expect(limit.waitFor('a')).toBe(0);
    limit.failed('a');
    expect(limit.waitFor('a')).toBe(FAILURE_WINDOW_MS / 1000);
    expect(limit.waitFor('b')).toBe(0);
    clock.advance({ milliseconds: FAILURE_WINDOW_MS });
    expect(limit.waitFor('a')).toBe(0);
  });

  it('forgets failures when the window is over', () => {
    const clock = new FixedClock();
    const limit = new FailureLimit(clock);
    failing(limit, 'a', MAX_FAILURES - 1);
    clock.advance({ milliseconds: FAILURE_WINDOW_MS });
    limit.failed('a');
    expect(limit.waitFor('a')).toBe(0);
  });
});
