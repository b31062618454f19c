import { Inject, Injectable } from '@nestjs/common';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { CaCertificateCatalogue } from '../authorities/ca-certificate-catalogue';
import { LOGGER, type Logger } from '../common/logger';
import type { DeviceDoor } from '../listeners/device-door';
import { readRequestTarget } from '../listeners/request-target';
import { sendText } from './send-text';

/** RFC 2585 section 4.1. */
const CONTENT_TYPE = 'application/pkix-cert';
const PATH = /^\/ca\/([^/]+)\/([1-9]\d{0,8})\.cer$/;
/** A day: what stands at the path of a generation never changes, but its authority may be removed. */
const MAX_AGE_SECONDS = 86_400;

/** CA certificates over HTTP, where issued certificates say that their issuer's is (RFC 5280 section 4.2.2.1). */
@Injectable()
export class CaCertificateDoor implements DeviceDoor {
  constructor(
    private readonly certificates: CaCertificateCatalogue,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  owns(path: string): boolean {
    return path.startsWith('/ca/');
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD');
      sendText(response, 405, 'CA certificates are fetched by GET\n');
      return;
    }
    const [, authority = '', number] = PATH.exec(readRequestTarget(request)?.path ?? '') ?? [];
    let certificate: Buffer | undefined;
    try {
      certificate = (await this.certificates.get()).get(authority)?.get(Number(number));
    } catch (error) {
      this.logger.error({ err: error }, 'CA certificates cannot be read');
      response.setHeader('Retry-After', '2');
      sendText(response, 503, 'the CA certificates cannot be read now, try again shortly\n');
      return;
    }
    if (certificate === undefined) {
      sendText(response, 404, 'there is no such CA certificate; the path is /ca/{authority}/{generation}.cer\n');
      return;
    }
    response.writeHead(200, {
      'Content-Type': CONTENT_TYPE,
      'Content-Length': certificate.length,
      'Cache-Control': `public, max-age=${MAX_AGE_SECONDS}`,
    });
    response.end(request.method === 'HEAD' ? undefined : certificate);
  }
}
