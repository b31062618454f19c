/**
 * The status of an end entity, as it is stored. Names and numbers are EJBCA's, so that its administrators' scripts and
 * exports keep their meaning; its KEYRECOVERY (70) is left out, for the gateway never has a device's key.
 */
export enum EndEntityStatus {
  /** Registered, may enrol. */
  NEW = 10,
  /** An enrolment was begun and went wrong; may try again. */
  FAILED = 11,
  /** Prepared, not yet to enrol. */
  INITIALIZED = 20,
  /** In the middle of an enrolment; may go on. */
  INPROCESS = 30,
  /** Has its certificate. */
  GENERATED = 40,
  /** Its certificates were revoked. */
  REVOKED = 50,
  /** Kept for the record. */
  HISTORICAL = 60,
  /** Waits for an officer to allow that it is added. EJBCA never stores it, and no transition leads there. */
  WAITINGFORADDAPPROVAL = 80,
}

/** Name of a status, as REST and the request log spell it. */
export type EndEntityStatusName = keyof typeof EndEntityStatus;

/** All names, in the order of their numbers. */
export const END_ENTITY_STATUS_NAMES = Object.keys(EndEntityStatus).filter(
  (key) => !/^\d/.test(key),
) as EndEntityStatusName[];

/** The statuses from which a certificate can be asked for. */
export const ENROLLING_STATUSES: readonly EndEntityStatus[] = [
  EndEntityStatus.NEW,
  EndEntityStatus.FAILED,
  EndEntityStatus.INPROCESS,
];

/** The statuses in which a certificate can be renewed: what was closed on purpose is not opened by a device. */
export const RENEWING_STATUSES: readonly EndEntityStatus[] = [...ENROLLING_STATUSES, EndEntityStatus.GENERATED];

/**
 * Which status may follow which when an administrator says so. NEW follows every status, itself included: that is how an
 * end entity is let in again. What has been issued is not unmade by calling it FAILED or INITIALIZED, and what is
 * REVOKED or HISTORICAL comes back through NEW only.
 */
export const ADMINISTRATOR_TRANSITIONS: Readonly<Record<EndEntityStatusName, readonly EndEntityStatusName[]>> = {
  NEW: ['NEW', 'FAILED', 'INITIALIZED', 'INPROCESS', 'GENERATED', 'REVOKED', 'HISTORICAL'],
  FAILED: ['NEW', 'INITIALIZED', 'INPROCESS', 'GENERATED', 'REVOKED', 'HISTORICAL'],
  INITIALIZED: ['NEW', 'FAILED', 'INPROCESS', 'GENERATED', 'REVOKED', 'HISTORICAL'],
  INPROCESS: ['NEW', 'FAILED', 'INITIALIZED', 'GENERATED', 'REVOKED', 'HISTORICAL'],
  GENERATED: ['NEW', 'REVOKED', 'HISTORICAL'],
  REVOKED: ['NEW', 'HISTORICAL'],
  HISTORICAL: ['NEW'],
  WAITINGFORADDAPPROVAL: ['NEW', 'FAILED'],
};

/** The name of a status; throws if a stored number is none. */
export function statusName(status: number): EndEntityStatusName {
  const name = EndEntityStatus[status] as EndEntityStatusName | undefined;
  if (name === undefined) throw new Error(`no end entity status has the number ${status}`);
  return name;
}

/** Whether an end entity in this status may ask for a certificate. */
export function isEnrolling(status: EndEntityStatus): boolean {
  return ENROLLING_STATUSES.includes(status);
}

/** Whether a certificate of an end entity in this status may be renewed. */
export function mayRenew(status: EndEntityStatus): boolean {
  return RENEWING_STATUSES.includes(status);
}

/** Whether an administrator may lead from one status to the other. */
export function mayBecome(from: EndEntityStatus, to: EndEntityStatus): boolean {
  return ADMINISTRATOR_TRANSITIONS[statusName(from)].includes(statusName(to));
}
