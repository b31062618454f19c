import type { IncomingMessage, ServerResponse } from 'node:http';

/** One of the things devices come for: SCEP, CRLs, OCSP. Doors are asked in order; the first that owns a path gets it. */
export interface DeviceDoor {
  /**
   * Whether this path is mine.
   *
   * @param path percent-decoded, without the query
   */
  owns(path: string): boolean;
  /** Answers a request. `readRequestTarget` gives path and query; the body has not been touched. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
}

/** Injection token of the array of all {@link DeviceDoor}s. */
export const DEVICE_DOORS = Symbol('DeviceDoors');
