import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from '../common/logger';
import type { DeviceDoor } from './device-door';
import { answerHealth, answerText } from './health';
import type { ReadinessProbe } from './health';
import { readRequestTarget } from './request-target';

/** What a listener leads to that knows doors, the health pages, and nothing else. */
export interface DoorSettings {
  readonly doors: readonly DeviceDoor[];
  readonly isReady: ReadinessProbe;
  readonly logger: Logger;
}

/** Answers a request by the door that owns its path, a health page, or 404. */
export function dispatch(request: IncomingMessage, response: ServerResponse, settings: DoorSettings): void {
  const target = readRequestTarget(request);
  if (target === undefined) answerText(response, 400, 'the path is not percent-encoded UTF-8\n');
  else if (!handleByDoor(target.path, request, response, settings))
    if (!answerHealth(target.path, request, response, settings.isReady)) answerText(response, 404, 'not found\n');
}

/**
 * Gives a request to the first door that owns its path.
 *
 * @param path percent-decoded, without the query
 * @returns whether there was one
 */
export function handleByDoor(
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
  { doors, logger }: Pick<DoorSettings, 'doors' | 'logger'>,
): boolean {
  const door = doors.find((candidate) => candidate.owns(path));
  door?.handle(request, response).catch((error: unknown) => {
    logger.error({ err: error, path }, 'a request failed');
    if (response.headersSent) response.destroy();
    else answerText(response, 500, 'internal error\n');
  });
  return door !== undefined;
}
