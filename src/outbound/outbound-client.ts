import { Agent as HttpAgent, type IncomingHttpHeaders, type IncomingMessage, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { connect as tlsConnect } from 'node:tls';
import type { AddressPolicy } from './address-policy';
import { guardedLookup, refuseAddress, type Resolver, systemResolver } from './guarded-lookup';
import { OutboundError } from './outbound-error';
import { bareHostname, outboundUrl, portOf, shownUrl } from './outbound-url';
import { openTunnel, type OutboundProxy } from './proxy-tunnel';
import { systemTimer, type Timer } from './timer';

/** How other services are reached. */
export interface OutboundSettings extends AddressPolicy {
  /** Whether http will do; else only https. */
  readonly allowHttp: boolean;
  /** PEM certificates of the CAs that are trusted in place of the well-known ones. */
  readonly caCertificates?: string;
  /**
   * Through which all goes. The proxy finds the address of the service then, so it is the proxy that has to hold a policy;
   * its own address is judged here, and that of a service which is given as a number.
   */
  readonly proxy?: OutboundProxy;
}

/** One request. */
export interface OutboundRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: { readonly type: string; readonly content: string };
  /** Milliseconds from now until the last octet of the answer. */
  readonly timeoutMs: number;
  /** Most octets that the body of the answer may have; 64 KiB if not given. */
  readonly maximumBytes?: number;
}

/** An answer, read to its end. */
export interface OutboundAnswer {
  /** No redirect. */
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Where addresses and time come from, if not from the machine. */
export interface OutboundGround {
  readonly resolver?: Resolver;
  readonly timer?: Timer;
}

const MAXIMUM_BYTES = 65_536;
/** For so long a connection waits for the next request: less than servers keep theirs, so that few are closed under us. */
const IDLE_MS = 4000;

/**
 * A careful HTTP client for services that an administrator names: an address that must not be reached is not, redirects are
 * not followed, answers are bounded in size and time. Connections are kept for the next request, but not with a proxy.
 */
export class OutboundClient {
  private readonly agents = {
    'http:': new HttpAgent({ keepAlive: true, timeout: IDLE_MS }),
    'https:': new HttpsAgent({ keepAlive: true, timeout: IDLE_MS }),
  };
  private readonly timer: Timer;
  private readonly lookup;

  constructor(
    private readonly settings: OutboundSettings,
    { resolver = systemResolver, timer = systemTimer }: OutboundGround = {},
  ) {
    this.timer = timer;
    this.lookup = guardedLookup(settings, resolver);
  }

  /**
   * Sends a request.
   * @throws OutboundError of any fault but `status`
   */
  async send(request: OutboundRequest): Promise<OutboundAnswer> {
    const url = outboundUrl(request.url, this.settings.allowHttp);
    const deadline = new AbortController();
    const cancel = this.timer.after(request.timeoutMs, () => {
      deadline.abort();
    });
    try {
      refuseAddress(bareHostname(url), this.settings);
      return await this.exchange(url, request, deadline.signal);
    } catch (error) {
      throw named(url, deadline.signal.aborted ? tooLate(request.timeoutMs) : outboundError(error));
    } finally {
      cancel();
    }
  }

  /**
   * Sends a request whose answer is to be a success in JSON.
   * @throws OutboundError of any fault; the answer of a `status` is not repeated
   */
  async json(request: OutboundRequest): Promise<unknown> {
    const { body, status } = await this.succeed(request);
    try {
      return parsedJson(body);
    } catch {
      throw named(new URL(request.url), new OutboundError('malformed', 'the answer is no JSON', status));
    }
  }

  /**
   * Sends a request whose answer is to be a success, whatever it holds.
   * @throws OutboundError of any fault; the answer of a `status` is not repeated
   */
  async succeed(request: OutboundRequest): Promise<OutboundAnswer> {
    const answer = await this.send(request);
    const { status } = answer;
    if (status >= 200 && status < 300) return answer;
    throw named(new URL(request.url), new OutboundError('status', `the answer is HTTP ${status}`, status));
  }

  private async exchange(url: URL, request: OutboundRequest, signal: AbortSignal): Promise<OutboundAnswer> {
    const limit = request.maximumBytes ?? MAXIMUM_BYTES;
    const response = await this.begin(url, request, signal);
    try {
      const status = response.statusCode ?? 0;
      if (status >= 300 && status < 400)
        throw new OutboundError('redirect', `the answer is a redirect (HTTP ${status}), which is not followed`, status);
      // Nothing was said of knowing one, and what is small when packed can be of any size.
      if ((response.headers['content-encoding'] ?? 'identity') !== 'identity')
        throw new OutboundError('malformed', 'the answer is compressed', status);
      return { status, headers: response.headers, body: await bodyOf(response, limit) };
    } catch (error) {
      response.destroy();
      throw error;
    }
  }

  private async begin(url: URL, request: OutboundRequest, signal: AbortSignal): Promise<IncomingMessage> {
    const { body } = request;
    const { caCertificates, proxy } = this.settings;
    const secure = url.protocol === 'https:';
    const host = bareHostname(url);
    const trust = caCertificates === undefined ? {} : { ca: caCertificates };
    const socket = proxy && (await this.tunnel(proxy, url, signal));
    return new Promise((resolve, reject) => {
      const outgoing = (secure ? httpsRequest : httpRequest)({
        host,
        port: portOf(url),
        method: request.method,
        path: `${url.pathname}${url.search}`,
        headers: {
          accept: 'application/json',
          ...request.headers,
          ...(body && { 'content-type': body.type, 'content-length': Buffer.byteLength(body.content) }),
        },
        signal,
        ...(socket === undefined
          ? { agent: this.agents[secure ? 'https:' : 'http:'], lookup: this.lookup, ...trust }
          : {
              // No agent, not even `false`: any would make a connection of its own.
              createConnection: () =>
                secure ? tlsConnect({ socket, host, servername: serverName(url), ...trust }) : socket,
            }),
      });
      outgoing.on('response', resolve);
      outgoing.on('error', reject);
      // Without an error where the other side switches to another protocol.
      outgoing.on('close', () => {
        reject(new OutboundError('connection', 'the connection was closed without an answer'));
      });
      outgoing.end(body?.content);
    });
  }

  private tunnel(proxy: OutboundProxy, url: URL, signal: AbortSignal): ReturnType<typeof openTunnel> {
    const proxyUrl = outboundUrl(proxy.url, true);
    refuseAddress(bareHostname(proxyUrl), this.settings);
    return openTunnel(proxyUrl, proxy, url, this.lookup, signal);
  }
}

/**
 * JSON in UTF-8.
 * @throws when it is none
 */
export function parsedJson(body: Buffer): unknown {
  return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
}

async function bodyOf(response: IncomingMessage, limit: number): Promise<Buffer> {
  const tooLarge = (): OutboundError =>
    new OutboundError('too-large', `the answer has more than ${limit} octets`, response.statusCode);
  if (Number(response.headers['content-length'] ?? 0) > limit) throw tooLarge();
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > limit) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}

function outboundError(error: unknown): OutboundError {
  if (error instanceof OutboundError) return error;
  // Node's message would do but for what it may quote; the code says the same.
  const { code = 'no reason given' } = error as NodeJS.ErrnoException;
  // HPE_: what Node's parser of HTTP says of an answer that is none.
  return code.startsWith('HPE_')
    ? new OutboundError('malformed', `the answer is no HTTP (${code})`)
    : new OutboundError('connection', `the connection failed (${code})`);
}

const tooLate = (timeoutMs: number): OutboundError =>
  new OutboundError('timeout', `there was no whole answer within ${timeoutMs} ms`);

const named = (url: URL, { fault, message, status }: OutboundError): OutboundError =>
  new OutboundError(fault, `${shownUrl(url)}: ${message}`, status);

/** The name that a certificate is to be for; an address cannot be asked for by SNI (RFC 6066 section 3). */
const serverName = ({ hostname }: URL): string =>
  /[a-z]/i.test(hostname) && !hostname.startsWith('[') ? hostname : '';
