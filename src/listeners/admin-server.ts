import { readFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import type { RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { TlsFiles } from '../config/listener-protection';
import { dispatch, handleByDoor } from './door-dispatch';
import type { DoorSettings } from './door-dispatch';
import { DrainingServer, SERVER_OPTIONS } from './draining-server';
import { answerHealth } from './health';
import { readRequestTarget } from './request-target';

/** What the administrators' listener leads to. */
export interface AdminServerSettings extends DoorSettings {
  /** Nest's express application, which answers everything but the health pages and the doors, with its own 404. */
  readonly application: RequestListener;
  /** Plain HTTP without. */
  readonly tls?: TlsFiles | undefined;
}

/** The administrators' listener. */
export function createAdminServer({ application, tls, ...doors }: AdminServerSettings): DrainingServer {
  return serverOf(tls, (request, response) => {
    const path = readRequestTarget(request)?.path;
    if (path !== undefined && answerHealth(path, request, response, doors.isReady)) return;
    if (path !== undefined && handleByDoor(path, request, response, doors)) return;
    application(request, response);
  });
}

/**
 * A listener for doors of the administrators' side alone.
 *
 * @param tls plain HTTP without
 */
export function createAdminDoorServer(settings: DoorSettings, tls: TlsFiles | undefined): DrainingServer {
  return serverOf(tls, (request, response) => {
    dispatch(request, response, settings);
  });
}

function serverOf(tls: TlsFiles | undefined, listener: RequestListener): DrainingServer {
  if (tls === undefined) return new DrainingServer(createHttpServer(SERVER_OPTIONS, listener));
  const files = { cert: readFileSync(tls.certificateFile), key: readFileSync(tls.keyFile) };
  return new DrainingServer(createHttpsServer({ ...SERVER_OPTIONS, ...files, minVersion: 'TLSv1.2' }, listener));
}
