import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from '../common/logger';
import type { DeviceDoor } from './device-door';
import { DrainingServer, SERVER_OPTIONS } from './draining-server';
import { answerHealth, answerText } from './health';
import type { ReadinessProbe } from './health';
import { readRequestTarget } from './request-target';

/** What the devices' listener leads to. */
export interface DeviceServerSettings {
  readonly doors: readonly DeviceDoor[];
  readonly isReady: ReadinessProbe;
  readonly logger: Logger;
}

/** A client that takes no byte of its answer for so long is gone. */
const SILENCE_MS = 60_000;

/**
 * The devices' listener: a plain HTTP server that knows the doors, the health pages, and nothing else. Requests do not
 * pass through Nest or express, which would cost more than all parsing of a request (docs/adr/0003).
 */
export function createDeviceServer(settings: DeviceServerSettings): DrainingServer {
  const server = createServer(SERVER_OPTIONS, (request, response) => {
    dispatch(request, response, settings);
  });
  server.setTimeout(SILENCE_MS);
  return new DrainingServer(server);
}

function dispatch(
  request: IncomingMessage,
  response: ServerResponse,
  { doors, isReady, logger }: DeviceServerSettings,
): void {
  const target = readRequestTarget(request);
  if (target === undefined) {
    answerText(response, 400, 'the path is not percent-encoded UTF-8\n');
    return;
  }
  const door = doors.find((candidate) => candidate.owns(target.path));
  if (door !== undefined) {
    door.handle(request, response).catch((error: unknown) => {
      logger.error({ err: error, path: target.path }, 'a device request failed');
      if (response.headersSent) response.destroy();
      else answerText(response, 500, 'internal error\n');
    });
    return;
  }
  if (!answerHealth(target.path, request, response, isReady)) answerText(response, 404, 'not found\n');
}
