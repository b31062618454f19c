import type { DeviceDoor } from './device-door';

/**
 * A door of the administrators' side that is no REST, with a way of its own to know who asks. The contract is that of
 * {@link DeviceDoor}; it stands on the administrators' listener, or on one of its own (`NDES_PORT`), never on the devices'.
 */
export type AdminDoor = DeviceDoor;

/** Injection token of the array of all {@link AdminDoor}s. */
export const ADMIN_DOORS = Symbol('AdminDoors');
