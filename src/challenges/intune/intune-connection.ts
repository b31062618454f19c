import type { Clock } from '../../common/clock';
import type { RandomSource } from '../../common/random-source';
import { IntuneApi } from './intune-api';
import type { IntuneSettings } from './intune-settings';
import type { OutboundHttp } from './outbound-http';
import { RevocationRequests } from './revocation-requests';
import { ScepActions } from './scep-actions';
import { ServiceDirectory } from './service-directory';
import { TokenSource } from './token-source';

/** How this product names itself to the service: name and version of package.json. */
export const CALLER_INFO = 'scep-gateway/0.1.0';

/** What one tenant's services can be asked. */
export interface IntuneConnection {
  readonly scepActions: ScepActions;
  readonly revocationRequests: RevocationRequests;
}

/** With what calls are made. */
export interface IntuneGround {
  readonly http: OutboundHttp;
  readonly clock: Clock;
  readonly random: RandomSource;
}

/**
 * A connection with tokens and addresses of its own.
 * @param applicationKey a secret
 */
export function intuneConnection(
  settings: IntuneSettings,
  applicationKey: string,
  { http, clock, random }: IntuneGround,
): IntuneConnection {
  const { authority, tenant, applicationId, graphUrl, resourceUrl } = settings;
  const timeoutMs = settings.timeout * 1000;
  const tokens = new TokenSource(http, { authority, tenant, applicationId, applicationKey, timeoutMs }, clock);
  const directory = new ServiceDirectory(http, tokens, { graphUrl, timeoutMs }, clock, random);
  const api = new IntuneApi(http, tokens, directory, { resourceUrl, userAgent: CALLER_INFO, timeoutMs }, clock, random);
  return { scepActions: new ScepActions(api, CALLER_INFO), revocationRequests: new RevocationRequests(api) };
}
