import { Inject, Injectable } from '@nestjs/common';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { CrlCatalogue, type Crl } from '../authorities/crl-catalogue';
import { CLOCK, type Clock } from '../common/clock';
import { LOGGER, type Logger } from '../common/logger';
import type { DeviceDoor } from '../listeners/device-door';
import { readRequestTarget } from '../listeners/request-target';
import { isInCrlSpace, readCrlPath } from './crl-path';
import { sendText } from './send-text';

/** RFC 2585 section 4.2. */
const CONTENT_TYPE = 'application/pkix-crl';

/** CRLs over HTTP (RFC 5280 section 4.2.1.13), from memory. */
@Injectable()
export class CrlDoor implements DeviceDoor {
  constructor(
    private readonly crls: CrlCatalogue,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  owns(path: string): boolean {
    return isInCrlSpace(path);
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD');
      sendText(response, 405, 'CRLs are fetched by GET\n');
      return;
    }
    const path = readCrlPath(readRequestTarget(request)?.path ?? '');
    let crl: Crl | undefined;
    try {
      crl = path && (await this.crls.get()).named(path.authority, path.generation);
    } catch (error) {
      this.logger.error({ err: error }, 'CRLs cannot be read');
      response.setHeader('Retry-After', '2');
      sendText(response, 503, 'the CRLs cannot be read now, try again shortly\n');
      return;
    }
    if (crl === undefined) sendText(response, 404, 'there is no such CRL; the path is /crl/{authority}.crl\n');
    else this.send(crl, request, response);
  }

  private send(crl: Crl, request: IncomingMessage, response: ServerResponse): void {
    const etag = `"${crl.generationId}-${crl.number}"`;
    const now = this.clock.now();
    const lifetime = Math.floor((crl.nextUpdate.getTime() - now.getTime()) / 1000);
    response.setHeader('ETag', etag);
    // A revocation must not be missed for the sake of a date.
    if (crl.hasLaterDate) response.setHeader('Last-Modified', crl.thisUpdate.toUTCString());
    response.setHeader('Cache-Control', lifetime > 0 ? `public, max-age=${lifetime}` : 'no-cache');
    if (isUnchanged(request, etag, crl, now)) {
      response.writeHead(304).end();
      return;
    }
    response.writeHead(200, { 'Content-Type': CONTENT_TYPE, 'Content-Length': crl.der.length });
    response.end(request.method === 'HEAD' ? undefined : crl.der);
  }
}

/**
 * RFC 9110 section 13.1: If-Modified-Since counts only where there is no If-None-Match. A date from the future is that of a
 * CRL which was issued under a wrong clock, and says nothing of this one.
 */
function isUnchanged(request: IncomingMessage, etag: string, crl: Crl, now: Date): boolean {
  const { 'if-none-match': noneMatch, 'if-modified-since': modifiedSince } = request.headers;
  if (noneMatch !== undefined) {
    const tags = noneMatch.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
    return tags.includes(etag) || tags.includes('*');
  }
  if (modifiedSince === undefined || !crl.hasLaterDate) return false;
  const since = Date.parse(modifiedSince);
  return since >= crl.thisUpdate.getTime() && since <= now.getTime();
}
