import { readFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import type { RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { TlsFiles } from '../config/environment';
import { DrainingServer, SERVER_OPTIONS } from './draining-server';
import { answerHealth } from './health';
import type { ReadinessProbe } from './health';
import { readRequestTarget } from './request-target';

/** What the administrators' listener leads to. */
export interface AdminServerSettings {
  /** Nest's express application, which answers everything but the health pages, with its own 404. */
  readonly application: RequestListener;
  readonly isReady: ReadinessProbe;
  /** Plain HTTP without. */
  readonly tls?: TlsFiles;
}

/** The administrators' listener. */
export function createAdminServer({ application, isReady, tls }: AdminServerSettings): DrainingServer {
  const listener: RequestListener = (request, response) => {
    const path = readRequestTarget(request)?.path;
    if (path !== undefined && answerHealth(path, request, response, isReady)) return;
    application(request, response);
  };
  if (tls === undefined) return new DrainingServer(createHttpServer(SERVER_OPTIONS, listener));
  const files = { cert: readFileSync(tls.certificateFile), key: readFileSync(tls.keyFile) };
  return new DrainingServer(createHttpsServer({ ...SERVER_OPTIONS, ...files, minVersion: 'TLSv1.2' }, listener));
}
