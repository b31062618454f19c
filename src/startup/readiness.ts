import type { Clock } from '../common/clock';
import type { ReadinessProbe } from '../listeners/health';
import type { DevicePool } from '../database/pg-pool';

const ASK_AGAIN_AFTER_MS = 1_000;

/** Whether the database answers; asked once a second at most, as anyone may ask for the health page. */
export function databaseProbe(pool: Pick<DevicePool, 'query'>, clock: Clock): ReadinessProbe {
  let asked = -Infinity;
  let answer: Promise<boolean> = Promise.resolve(false);
  return () => {
    const now = clock.now().getTime();
    // A clock that was set back must not keep an old answer for ever.
    if (now - asked >= ASK_AGAIN_AFTER_MS || now < asked) {
      asked = now;
      answer = pool.query({ name: 'readiness', text: 'select 1', values: [] }).then(
        () => true,
        () => false,
      );
    }
    return answer;
  };
}
