import type { IntuneApi, IntuneService } from './intune-api';
import { IntuneUnavailable } from './intune-unavailable';
import { isObject, type JsonObject, textOf } from './json-object';

const CONNECTOR: IntuneService = { name: 'PkiConnectorFEService', apiVersion: '5019-05-05', part: 'revocation' };

/** What the service allows at a time. */
const MAX_REVOCATION_REQUESTS = 500;

/** A certificate that the service wants revoked. */
export interface RevocationRequest {
  /** Names the request in its result; opaque. */
  readonly requestContext: string;
  /** Hexadecimal digits, as they came. */
  readonly serialNumber: string;
}

/** Why a certificate was not revoked: the service's own words, of which the last five mean that it asks again. */
export type RevocationErrorCode =
  | 'None'
  | 'NonRetryableServiceException'
  | 'DataSerializationError'
  | 'ParameterDataInvalidError'
  | 'CryptographyError'
  | 'CertificateNotFoundError'
  | 'ConflictError'
  | 'NotSupportedError'
  | 'PayloadTooLargeError'
  | 'RetryableServiceException'
  | 'ServiceUnavailableException'
  | 'ServiceTooBusyException'
  | 'AuthenticationException';

/** What became of a request. */
export interface RevocationResult {
  readonly requestContext: string;
  /** With `errorCode` None and no message. */
  readonly succeeded: boolean;
  readonly errorCode: RevocationErrorCode;
  readonly errorMessage: string | null;
}

/** The two calls of Intune's connector service. Both throw IntuneUnavailable. */
export class RevocationRequests {
  constructor(private readonly api: IntuneApi) {}

  /**
   * Requests that have no result yet, as often as they are asked for.
   * @param issuerName only for certificates of this issuer, as it was told with them
   * @param maxRequests 1 to {@link MAX_REVOCATION_REQUESTS}
   */
  async download(issuerName: string, maxRequests: number): Promise<RevocationRequest[]> {
    const { body, activityId } = await this.api.post(
      CONNECTOR,
      'CertificateAuthorityRequests/downloadRevocationRequests',
      { downloadParameters: { maxRequests, issuerName } },
    );
    const requests = body['value'];
    if (!Array.isArray(requests) || requests.length > MAX_REVOCATION_REQUESTS)
      throw new IntuneUnavailable('revocation', `${CONNECTOR.name} answers no list (activity ${activityId})`);
    return requests.filter(isObject).flatMap(readRequest);
  }

  /** Says what became of requests; saying it again changes nothing. */
  async upload(results: readonly RevocationResult[]): Promise<void> {
    const { body, activityId } = await this.api.post(
      CONNECTOR,
      'CertificateAuthorityRequests/uploadRevocationResults',
      { results },
    );
    // The libraries of the service's maker take the word for the value too.
    if (String(body['value']).toLowerCase() !== 'true')
      throw new IntuneUnavailable('revocation', `${CONNECTOR.name} did not take the results (activity ${activityId})`);
  }
}

/** What has no context cannot be answered. */
function readRequest(request: JsonObject): RevocationRequest[] {
  const requestContext = textOf(request, 'requestContext');
  if (requestContext === undefined || requestContext === '') return [];
  return [{ requestContext, serialNumber: textOf(request, 'serialNumber') ?? '' }];
}
