import { request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { IncomingHttpHeaders } from 'node:http';
import { fleetText } from './ndes-scrapers';

/** What came of a visit to NDES's page. */
export interface NdesVisit {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly contentType: string;
  readonly body: Buffer;
  /** The body as text, whichever of the encodings it has. */
  readonly text: string;
}

/** How somebody visits. */
export interface NdesVisitOptions {
  readonly path?: string;
  readonly method?: string;
  /** As `name:password`. */
  readonly credentials?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Visits as a program does: one request, no redirect followed, no header of a browser. */
export async function visitNdesPage(
  url: string,
  { path = '/certsrv/mscep_admin/', method = 'GET', credentials, headers = {} }: NdesVisitOptions = {},
): Promise<NdesVisit> {
  const authorization =
    credentials === undefined ? {} : { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` };
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const options = { hostname, port, path, method, agent: false, headers: { ...authorization, ...headers } };
    request(options, (response) => {
      buffer(response).then((body) => {
        const contentType = response.headers['content-type'] ?? '';
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          contentType,
          body,
          text: fleetText(body),
        });
      }, reject);
    })
      .on('error', reject)
      .end();
  });
}
