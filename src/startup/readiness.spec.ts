import { FixedClock } from '../../test/support/fixed-clock';
import { databaseProbe } from './readiness';

/** A database that answers, or does not, and counts how often it is asked. */
class Database {
  away = false;
  asked = 0;

  query = (): Promise<never> => {
    this.asked += 1;
    return this.away ? Promise.reject(new Error('away')) : Promise.resolve(undefined as never);
  };
}

describe('databaseProbe', () => {
  it('tells whether the database answers, and asks it once a second at most', async () => {
    const database = new Database();
    const clock = new FixedClock();
    const isReady = databaseProbe(database, clock);
    expect(await Promise.all([isReady(), isReady()])).toEqual([true, true]);
    database.away = true;
    clock.advance({ milliseconds: 999 });
    expect(await isReady()).toBe(true);
    expect(database.asked).toBe(1);
    clock.advance({ milliseconds: 1 });
    expect(await isReady()).toBe(false);
    database.away = false;
    clock.advance({ seconds: 1 });
    expect(await isReady()).toBe(true);
  });

  it('asks again after the clock was set back', async () => {
    const database = new Database();
    const clock = new FixedClock();
    const isReady = databaseProbe(database, clock);
    await isReady();
    database.away = true;
    clock.advance({ days: -1 });
    expect(await isReady()).toBe(false);
  });
});
