import { type Agent, type IncomingMessage, request as httpRequest, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { ScepClientError } from './scep-client-error';

/** An HTTP answer, read to its end. */
export interface TransportResponse {
  readonly status: number;
  /** Media type in lower case, without parameters; empty if the answer has none. */
  readonly contentType: string;
  readonly body: Buffer;
}

/** How a client reaches its server. */
export interface ScepTransport {
  /**
   * @param url with its query; taken to the wire as it is
   * @param body sent by POST as application/x-pki-message; without one the method is GET
   * @throws ScepClientError when there is no complete answer
   */
  send(url: string, body?: Buffer): Promise<TransportResponse>;
}

/** Settings of {@link HttpTransport}. */
export interface HttpTransportOptions {
  /** URL of an HTTP proxy, which gets the request target in absolute form (RFC 9112 section 3.2.2); for http URLs only. */
  readonly proxy?: string;
  /** Milliseconds without any octet from the server until the request is given up; by default 30,000. */
  readonly timeout?: number;
  /** Keeps connections between requests; by default each request has its own. */
  readonly agent?: Agent;
}

const DEFAULT_TIMEOUT = 30_000;
/** A bag of certificates or a CRL fits in it many times. */
const MAX_RESPONSE = 8 * 1024 * 1024;

/** SCEP over HTTP as RFC 8894 section 4 has it: no redirects, no compression, no cookies. */
export class HttpTransport implements ScepTransport {
  constructor(private readonly options: HttpTransportOptions = {}) {}

  async send(url: string, body?: Buffer): Promise<TransportResponse> {
    const { target, secure } = this.requestOptions(url, body);
    return await new Promise((resolve, reject) => {
      const fail = (cause: Error): void => {
        reject(cause instanceof ScepClientError ? cause : new ScepClientError(describe(url, cause), { cause }));
      };
      const request = (secure ? httpsRequest : httpRequest)(target, (response) => {
        readBody(response).then((bytes) => {
          resolve({ status: response.statusCode ?? 0, contentType: mediaType(response), body: bytes });
        }, fail);
      });
      request.on('timeout', () => request.destroy(new Error('no answer in time')));
      request.on('error', fail);
      request.end(body);
    });
  }

  private requestOptions(url: string, body: Buffer | undefined): { target: RequestOptions; secure: boolean } {
    const { proxy, agent, timeout = DEFAULT_TIMEOUT } = this.options;
    const server = parseUrl(url);
    const secure = server.protocol === 'https:';
    if (secure && proxy !== undefined) throw new ScepClientError('a proxy is used for http URLs only');
    const peer = proxy === undefined ? server : parseUrl(proxy);
    const headers: Record<string, string | number> = { Host: server.host };
    if (body !== undefined) {
      headers['Content-Type'] = 'application/x-pki-message';
      headers['Content-Length'] = body.length;
    }
    return {
      secure,
      target: {
        hostname: peer.hostname.replace(/^\[(.*)\]$/, '$1'),
        port: peer.port === '' ? (secure ? 443 : 80) : Number(peer.port),
        method: body === undefined ? 'GET' : 'POST',
        path: proxy === undefined ? `${server.pathname}${server.search}` : server.href,
        headers,
        timeout,
        // `false` is a connection of its own, while undefined would be Node's agent, which keeps connections.
        agent: agent ?? false,
      },
    };
  }
}

function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') throw new ScepClientError('not an http or https URL');
  return url;
}

async function readBody(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_RESPONSE) {
      response.destroy();
      throw new ScepClientError('the answer is too large');
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}

const mediaType = (response: IncomingMessage): string =>
  (response.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';

const describe = (url: string, cause: Error): string =>
  `no answer from ${parseUrl(url).host}: ${'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message}`;
