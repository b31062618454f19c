import type { Clock } from '../../common/clock';
import type { RandomSource } from '../../common/random-source';
import type { OutboundAnswer } from '../../outbound/outbound-client';
import { OutboundError } from '../../outbound/outbound-error';
import { type IntunePart, IntuneUnavailable } from './intune-unavailable';
import { type JsonObject, jsonObject } from './json-object';
import { below, type OutboundHttp } from './outbound-http';
import type { ServiceDirectory } from './service-directory';
import type { TokenSource } from './token-source';

/** One of Intune's services. */
export interface IntuneService {
  readonly name: string;
  readonly apiVersion: string;
  /** As which it is told of when it fails. */
  readonly part: IntunePart;
}

/** What is said to a service, and what it said. */
export interface IntuneReply {
  readonly body: JsonObject;
  /** By which the service finds the call in its logs. */
  readonly activityId: string;
}

/** With what calls are made. */
export interface IntuneApiSettings {
  readonly resourceUrl: string;
  readonly userAgent: string;
  readonly timeoutMs: number;
}

/** A service that says when it wants to be asked again is believed up to here. */
const LONGEST_PAUSE_SECONDS = 600;
/** A whole download of revocation requests. */
const MAXIMUM_BYTES = 2_097_152;

/**
 * Calls of Intune's services: by a token, at the address where the service is now. A service that cannot be reached is
 * looked up again, and asked once more if it has moved; a token that is not taken is replaced once. While a service wants
 * to be left alone it is.
 */
export class IntuneApi {
  private readonly quietUntil = new Map<string, number>();

  constructor(
    private readonly http: OutboundHttp,
    private readonly tokens: TokenSource,
    private readonly directory: ServiceDirectory,
    private readonly settings: IntuneApiSettings,
    private readonly clock: Clock,
    private readonly random: RandomSource,
  ) {}

  /**
   * Posts a JSON object.
   * @param path below the service's address
   * @throws IntuneUnavailable where there is no success and no JSON object in it
   */
  async post(service: IntuneService, path: string, content: object): Promise<IntuneReply> {
    this.heedPause(service);
    const uri = await this.directory.uriOf(service.name);
    try {
      return await this.withToken(service, uri, path, content);
    } catch (error) {
      if (!(error instanceof OutboundError)) throw error;
      this.directory.forget();
      // What was sent in full and not answered in time may have been heard; it is the caller who knows what then is to be done.
      const moved = NOT_THERE.has(error.fault) ? await this.directory.uriOf(service.name) : uri;
      if (moved === uri) throw unreachable(service, error);
      return await this.withToken(service, moved, path, content).catch((again: unknown) => {
        throw again instanceof OutboundError ? unreachable(service, again) : again;
      });
    }
  }

  private async withToken(service: IntuneService, uri: string, path: string, content: object): Promise<IntuneReply> {
    // The resource ends in a slash of its own: the scope has two of them.
    const scope = `${this.settings.resourceUrl}/.default`;
    const token = await this.tokens.token(scope);
    const first = await this.call(service, uri, path, content, token);
    if (first.answer.status !== 401) return this.read(service, first);
    this.tokens.forget(scope, token);
    const second = await this.call(service, uri, path, content, await this.tokens.token(scope));
    return this.read(service, second);
  }

  private async call(service: IntuneService, uri: string, path: string, content: object, token: string): Promise<Call> {
    const activityId = this.random.uuid();
    const answer = await this.http.send({
      method: 'POST',
      url: below(uri, path),
      headers: {
        authorization: `Bearer ${token}`,
        'client-request-id': activityId,
        'api-version': service.apiVersion,
        UserAgent: this.settings.userAgent,
      },
      body: { type: 'application/json', content: JSON.stringify(content) },
      timeoutMs: this.settings.timeoutMs,
      maximumBytes: MAXIMUM_BYTES,
    });
    return { answer, activityId };
  }

  private read(service: IntuneService, { answer, activityId }: Call): IntuneReply {
    const { status } = answer;
    if (status < 200 || status > 299) throw this.failed(service, answer, activityId);
    const body = jsonObject(answer.body);
    if (body === undefined)
      throw new IntuneUnavailable(service.part, `${service.name} answers no JSON object (activity ${activityId})`);
    return { body, activityId };
  }

  private failed(service: IntuneService, { status, headers }: OutboundAnswer, activityId: string): IntuneUnavailable {
    const retryAfterSeconds = this.retryAfter(headers);
    if (retryAfterSeconds !== undefined)
      this.quietUntil.set(service.name, this.clock.now().getTime() + retryAfterSeconds * 1000);
    if (status !== 401 && status !== 403 && status !== 429) this.directory.forget();
    const hint = HINTS[status];
    return new IntuneUnavailable(
      service.part,
      `${service.name} answers HTTP ${status}${hint === undefined ? '' : `: ${hint}`} (activity ${activityId})`,
      { retryAfterSeconds },
    );
  }

  /** @throws IntuneUnavailable while the service wants to be left alone */
  private heedPause(service: IntuneService): void {
    const left = (this.quietUntil.get(service.name) ?? 0) - this.clock.now().getTime();
    if (left <= 0) return;
    const retryAfterSeconds = Math.ceil(left / 1000);
    throw new IntuneUnavailable(service.part, `${service.name} wants not to be asked for ${retryAfterSeconds} s yet`, {
      retryAfterSeconds,
    });
  }

  /** Seconds, given as a number or as a date (RFC 9110 section 10.2.3). */
  private retryAfter({ 'retry-after': text }: OutboundAnswer['headers']): number | undefined {
    if (text === undefined) return undefined;
    const seconds = /^\d{1,9}$/.test(text)
      ? Number(text)
      : Math.ceil((Date.parse(text) - this.clock.now().getTime()) / 1000);
    return Number.isNaN(seconds) ? undefined : Math.min(Math.max(seconds, 1), LONGEST_PAUSE_SECONDS);
  }
}

interface Call {
  readonly answer: OutboundAnswer;
  readonly activityId: string;
}

const NOT_THERE: ReadonlySet<string> = new Set(['unknown-name', 'connection', 'refused-address']);

const HINTS: Readonly<Record<number, string>> = {
  401: 'it takes no token of this application',
  403: 'the application lacks Intune permission scep_challenge_provider, or nobody has consented to it',
  429: 'too many requests',
};

const unreachable = (service: IntuneService, error: OutboundError): IntuneUnavailable =>
  new IntuneUnavailable(service.part, `${service.name} cannot be reached: ${error.message}`, { cause: error });
