import type { Certificate } from '../../pki/x509/certificate';
import type { IntuneApi, IntuneService } from './intune-api';
import { INTUNE_SUCCESS, intuneCodeMeaning } from './intune-error-code';
import { IntuneUnavailable } from './intune-unavailable';
import { shown, textOf } from './json-object';

const VALIDATION: IntuneService = {
  name: 'ScepRequestValidationFEService',
  apiVersion: '2018-02-20',
  part: 'validation',
};

/** More is not taken. */
const LONGEST_ERROR_DESCRIPTION = 255;

/** One request, as the service knows it: the same in validation and notification. */
export interface IntuneRequest {
  readonly transactionID: string;
  /** DER of the PKCS #10 request with its challengePassword, which holds the challenge. */
  readonly certificationRequest: Buffer;
}

/** What is told of an issued certificate beside itself. */
export interface IntuneIssuer {
  /** Name of the alias: it comes back with a revocation request. */
  readonly alias: string;
  /** Name of the authority. */
  readonly authority: string;
}

/** What the service says to a request or a notification. */
export type IntuneVerdict =
  | { readonly accepted: true }
  | {
      readonly accepted: false;
      readonly code: string;
      /** In full for the administrator. */
      readonly explanation: string;
    };

/** The three calls of Intune's SCEP validation service. All throw IntuneUnavailable where there is no verdict. */
export class ScepActions {
  /** @param callerInfo name and version of this product */
  constructor(
    private readonly api: IntuneApi,
    private readonly callerInfo: string,
  ) {}

  /** Whether a device may have what it asks for. */
  validateRequest(request: IntuneRequest): Promise<IntuneVerdict> {
    return this.act('validateRequest', { request: { ...this.named(request) } });
  }

  /** Tells of a certificate that is about to be delivered. */
  successNotification(
    request: IntuneRequest,
    certificate: Certificate,
    { alias, authority }: IntuneIssuer,
  ): Promise<IntuneVerdict> {
    return this.act('successNotification', {
      notification: {
        ...this.named(request),
        certificateThumbprint: certificate.fingerprint('sha1').toString('hex').toUpperCase(),
        certificateSerialNumber: certificate.serialHex.toUpperCase(),
        certificateExpirationDateUtc: certificate.notAfter.toISOString(),
        issuingCertificateAuthority: certificate.issuer.toString(),
        caConfiguration: alias,
        certificateAuthority: authority,
      },
    });
  }

  /**
   * Tells that there will be no certificate.
   * @param hResult for the service's console, a signed 32-bit number
   * @param errorDescription of any length, cut where it is too long
   */
  failureNotification(request: IntuneRequest, hResult: number, errorDescription: string): Promise<IntuneVerdict> {
    const description = shown(errorDescription, LONGEST_ERROR_DESCRIPTION);
    return this.act('failureNotification', {
      notification: { ...this.named(request), hResult, errorDescription: description === '' ? 'refused' : description },
    });
  }

  private named({ transactionID, certificationRequest }: IntuneRequest): object {
    return {
      transactionId: transactionID,
      certificateRequest: certificationRequest.toString('base64'),
      callerInfo: this.callerInfo,
    };
  }

  private async act(action: string, content: object): Promise<IntuneVerdict> {
    const { body, activityId } = await this.api.post(VALIDATION, `ScepActions/${action}`, content);
    const code = textOf(body, 'code');
    if (code === undefined)
      throw new IntuneUnavailable('validation', `${VALIDATION.name} answers without a code (activity ${activityId})`);
    if (code === INTUNE_SUCCESS) return { accepted: true };
    const { meaning, remedy } = intuneCodeMeaning(code);
    const description = shown(textOf(body, 'errorDescription') ?? '');
    return {
      accepted: false,
      code: shown(code, 80),
      explanation: `Intune refuses (${shown(code, 80)}): ${meaning}${description === '' ? '' : ` - its words: ${description}`} (activity ${activityId}); ${remedy}`,
    };
  }
}
