import type { Clock } from '../../common/clock';
import { OutboundError } from '../../outbound/outbound-error';
import { IntuneUnavailable } from './intune-unavailable';
import { type JsonObject, jsonObject, shown, textOf } from './json-object';
import { below, type OutboundHttp } from './outbound-http';

/** How a client identifies itself to the directory. */
export interface ClientCredentials {
  readonly authority: string;
  readonly tenant: string;
  readonly applicationId: string;
  /** A secret. */
  readonly applicationKey: string;
  readonly timeoutMs: number;
}

interface Token {
  readonly value: string;
  /** From when on another one is fetched. */
  readonly staleAt: number;
}

/** A token is given up so long before its end: it has to live through the call it is for, and clocks differ. */
const MARGIN_MS = 300_000;
/** Where the directory does not say how long a token lives. */
const LIFETIME_SECONDS = 3600;
const LONGEST_TOKEN = 16_384;

/**
 * Access tokens by OAuth 2.0 client credentials (RFC 6749 section 4.4), kept until shortly before they expire. However many
 * ask at once, one of them fetches.
 */
export class TokenSource {
  private readonly tokens = new Map<string, Token>();
  private readonly fetching = new Map<string, Promise<string>>();

  constructor(
    private readonly http: OutboundHttp,
    private readonly credentials: ClientCredentials,
    private readonly clock: Clock,
  ) {}

  /**
   * A token for a scope such as `https://graph.microsoft.com/.default`.
   * @throws IntuneUnavailable
   */
  token(scope: string): Promise<string> {
    const kept = this.tokens.get(scope);
    if (kept !== undefined && this.clock.now().getTime() < kept.staleAt) return Promise.resolve(kept.value);
    const running = this.fetching.get(scope) ?? this.begin(scope);
    this.fetching.set(scope, running);
    return running;
  }

  /** A service would not take this token: the next one is fetched, unless that has been done meanwhile. */
  forget(scope: string, token: string): void {
    if (this.tokens.get(scope)?.value === token) this.tokens.delete(scope);
  }

  private begin(scope: string): Promise<string> {
    return this.fetch(scope).finally(() => this.fetching.delete(scope));
  }

  private async fetch(scope: string): Promise<string> {
    const { applicationId, applicationKey, timeoutMs } = this.credentials;
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: applicationId,
      client_secret: applicationKey,
      scope,
    });
    const answer = await this.http
      .send({
        method: 'POST',
        url: below(this.credentials.authority, `${this.credentials.tenant}/oauth2/v2.0/token`),
        body: { type: 'application/x-www-form-urlencoded', content: form.toString() },
        timeoutMs,
      })
      .catch((error: unknown) => {
        throw unreachable(error);
      });
    const body = jsonObject(answer.body);
    if (answer.status !== 200) throw refused(answer.status, body);
    const value = body && textOf(body, 'access_token');
    // It goes into a header as it is (RFC 6750 section 2.1).
    if (value === undefined || value.length > LONGEST_TOKEN || !/^[\x21-\x7e]+$/.test(value))
      throw new IntuneUnavailable('login', 'the directory answered without a token that can be used');
    const lifetime = lifetimeMs(body?.['expires_in']);
    const staleAt = this.clock.now().getTime() + Math.max(lifetime - MARGIN_MS, lifetime / 2);
    this.tokens.set(scope, { value, staleAt });
    return value;
  }
}

/** `expires_in` in milliseconds; some clouds write the number as text. */
function lifetimeMs(expiresIn: unknown): number {
  const seconds = typeof expiresIn === 'string' ? Number(expiresIn) : expiresIn;
  const known = typeof seconds === 'number' && Number.isFinite(seconds) && seconds >= 0;
  return (known ? seconds : LIFETIME_SECONDS) * 1000;
}

const unreachable = (error: unknown): IntuneUnavailable =>
  new IntuneUnavailable(
    'login',
    error instanceof OutboundError ? `no token: ${error.message}` : 'no token: the directory could not be asked',
    { cause: error },
  );

/** The directory's own words help whoever registered the application; its code begins them (AADSTS7000215 and the like). */
function refused(status: number, body: JsonObject | undefined): IntuneUnavailable {
  const error = body === undefined ? undefined : textOf(body, 'error');
  const description = body === undefined ? undefined : textOf(body, 'error_description');
  const code = description === undefined ? undefined : /^AADSTS\d{1,12}/.exec(description)?.[0];
  const words = [error && shown(error, 60), code].filter((word) => word !== undefined && word !== '');
  return new IntuneUnavailable(
    'login',
    `the directory gives out no token (HTTP ${status}${words.length === 0 ? '' : `, ${words.join(' ')}`}): check tenant, application id and application key`,
  );
}
