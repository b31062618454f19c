import {
  ADMINISTRATOR_TRANSITIONS,
  END_ENTITY_STATUS_NAMES,
  EndEntityStatus,
  isEnrolling,
  mayBecome,
  statusName,
} from './end-entity-status';

const numbers = END_ENTITY_STATUS_NAMES.map((name) => EndEntityStatus[name]);

describe('the statuses of an end entity', () => {
  it("have EJBCA's names and numbers", () => {
    expect(Object.fromEntries(END_ENTITY_STATUS_NAMES.map((name) => [name, EndEntityStatus[name]]))).toEqual({
      NEW: 10,
      FAILED: 11,
      INITIALIZED: 20,
      INPROCESS: 30,
      GENERATED: 40,
      REVOKED: 50,
      HISTORICAL: 60,
      WAITINGFORADDAPPROVAL: 80,
    });
  });

  it('have their names by number, and nothing else has', () => {
    for (const name of END_ENTITY_STATUS_NAMES) expect(statusName(EndEntityStatus[name])).toBe(name);
    expect(() => statusName(70)).toThrow('70');
  });

  it('enrol as NEW, FAILED and INPROCESS only', () => {
    expect(numbers.filter(isEnrolling)).toEqual([10, 11, 30]);
  });

  it('all lead back to NEW', () => {
    for (const status of numbers) expect(mayBecome(status, EndEntityStatus.NEW)).toBe(true);
  });

  it('never lead into a status that is not stored', () => {
    for (const targets of Object.values(ADMINISTRATOR_TRANSITIONS))
      expect(targets).not.toContain('WAITINGFORADDAPPROVAL');
  });

  it('let what was issued, revoked or archived enrol only after it was put back to NEW', () => {
    for (const status of [EndEntityStatus.GENERATED, EndEntityStatus.REVOKED, EndEntityStatus.HISTORICAL])
      expect(numbers.filter((to) => mayBecome(status, to) && isEnrolling(to))).toEqual([EndEntityStatus.NEW]);
    expect(mayBecome(EndEntityStatus.REVOKED, EndEntityStatus.GENERATED)).toBe(false);
  });
});
