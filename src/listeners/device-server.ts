import { createServer } from 'node:http';
import { dispatch } from './door-dispatch';
import type { DoorSettings } from './door-dispatch';
import { DrainingServer, SERVER_OPTIONS } from './draining-server';

/** A client that takes no byte of its answer for so long is gone. */
const SILENCE_MS = 60_000;

/**
 * The devices' listener: a plain HTTP server that knows the doors, the health pages, and nothing else. Requests do not
 * pass through Nest or express, which would cost more than all parsing of a request (docs/adr/0003).
 */
export function createDeviceServer(settings: DoorSettings): DrainingServer {
  const server = createServer(SERVER_OPTIONS, (request, response) => {
    dispatch(request, response, settings);
  });
  server.setTimeout(SILENCE_MS);
  return new DrainingServer(server);
}
