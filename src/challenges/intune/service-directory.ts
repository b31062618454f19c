import type { Clock } from '../../common/clock';
import type { RandomSource } from '../../common/random-source';
import { OutboundError } from '../../outbound/outbound-error';
import { outboundUrlProblem } from '../../outbound/outbound-url';
import { isLoopbackUrl } from './intune-settings';
import { IntuneUnavailable } from './intune-unavailable';
import { isObject, jsonObject, textOf } from './json-object';
import { below, type OutboundHttp } from './outbound-http';
import type { TokenSource } from './token-source';

/** Intune's own application in every tenant, below which Graph lists its services. */
const INTUNE_APPLICATION = '0000000a-0000-0000-c000-000000000000';
/** Services move seldom; what was found is looked up again all the same. */
const LIFETIME_MS = 86_400_000;
/** The list of a tenant with all its services has some ten kilobytes. */
const MAXIMUM_BYTES = 1_048_576;

/** Where a tenant's services are found. */
export interface ServiceDirectorySettings {
  readonly graphUrl: string;
  readonly timeoutMs: number;
}

/** Which service is at which address: Graph tells, and it is kept until a service cannot be reached there. */
export class ServiceDirectory {
  private known: { readonly uris: ReadonlyMap<string, string>; readonly until: number } | undefined;
  private asking: Promise<ReadonlyMap<string, string>> | undefined;

  constructor(
    private readonly http: OutboundHttp,
    private readonly tokens: TokenSource,
    private readonly settings: ServiceDirectorySettings,
    private readonly clock: Clock,
    private readonly random: RandomSource,
  ) {}

  /**
   * Address of a service, by its name in any case.
   * @throws IntuneUnavailable where Graph does not answer, or knows no such service
   */
  async uriOf(service: string): Promise<string> {
    const uri = (await this.uris()).get(service.toLowerCase());
    if (uri !== undefined) return uri;
    // Perhaps the tenant has just been given it.
    this.known = undefined;
    throw new IntuneUnavailable(
      'discovery',
      `Graph knows no service ${service} of this tenant: is Intune set up for it?`,
    );
  }

  /** A service was not at its address: all are looked up again. */
  forget(): void {
    this.known = undefined;
  }

  private async uris(): Promise<ReadonlyMap<string, string>> {
    const now = this.clock.now().getTime();
    if (this.known !== undefined && now < this.known.until) return this.known.uris;
    this.asking ??= this.ask().finally(() => {
      this.asking = undefined;
    });
    const uris = await this.asking;
    this.known = { uris, until: now + LIFETIME_MS };
    return uris;
  }

  private async ask(): Promise<ReadonlyMap<string, string>> {
    const scope = below(this.settings.graphUrl, '.default');
    const token = await this.tokens.token(scope);
    const answer = await this.http
      .send({
        method: 'GET',
        url: below(this.settings.graphUrl, `v1.0/servicePrincipals/appId=${INTUNE_APPLICATION}/endpoints`),
        headers: { authorization: `Bearer ${token}`, 'client-request-id': this.random.uuid() },
        timeoutMs: this.settings.timeoutMs,
        maximumBytes: MAXIMUM_BYTES,
      })
      .catch((error: unknown) => {
        const reason = error instanceof OutboundError ? error.message : 'Graph could not be asked';
        throw new IntuneUnavailable('discovery', `the services cannot be looked up: ${reason}`, { cause: error });
      });
    if (answer.status === 401) this.tokens.forget(scope, token);
    if (answer.status !== 200)
      throw new IntuneUnavailable(
        'discovery',
        `the services cannot be looked up: Graph answers HTTP ${answer.status}${answer.status === 403 ? ', so the application lacks Graph permission Application.Read.All' : ''}`,
      );
    return readEndpoints(answer.body, isLoopbackUrl(this.settings.graphUrl));
  }
}

/** By name in lower case; entries that are none, and addresses that must not be asked, are left out. */
function readEndpoints(body: Buffer, loopback: boolean): ReadonlyMap<string, string> {
  const entries = jsonObject(body)?.['value'];
  if (!Array.isArray(entries))
    throw new IntuneUnavailable('discovery', 'the services cannot be looked up: Graph answers no list');
  return new Map(
    entries.filter(isObject).flatMap((entry): [string, string][] => {
      const name = textOf(entry, 'providerName') ?? textOf(entry, 'serviceName');
      const uri = textOf(entry, 'uri');
      if (name === undefined || uri === undefined) return [];
      return outboundUrlProblem(uri, loopback && isLoopbackUrl(uri)) === undefined ? [[name.toLowerCase(), uri]] : [];
    }),
  );
}
