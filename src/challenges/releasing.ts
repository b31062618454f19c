import type { ErrorCode } from '../common/error-code';
import type { Certificate } from '../pki/x509/certificate';
import type { ChallengeAlias } from './challenge';

/** A request that a foreign service has found right. */
export interface ValidatedRequest {
  readonly alias: ChallengeAlias;
  readonly transactionID: string;
  /** DER of the PKCS #10, with its challengePassword: a secret. */
  readonly certificationRequest: Buffer;
}

/** A certificate that was issued and not delivered yet. */
export interface HeldCertificate extends ValidatedRequest {
  readonly certificate: Certificate;
  /** Name of the authority that issued it. */
  readonly authority: string;
}

/** What the service says of a certificate. */
export type ReleaseVerdict =
  | { readonly released: true }
  | {
      readonly released: false;
      readonly rule: string;
      /** For the administrator; no secret. */
      readonly explanation: string;
    };

/**
 * What a kind of challenge does whose service has the last word: nothing is delivered before it was told of the
 * certificate and has accepted that. Telling it twice of the same certificate must be without harm.
 */
export interface Releasing {
  /**
   * Tells of a certificate.
   * @throws ServiceError `challenge-unavailable` where nobody knows whether the service has heard
   */
  announce(held: HeldCertificate): Promise<ReleaseVerdict>;
  /**
   * Tells that a request which was right gets no certificate.
   * @param code why
   * @param reason in words; no secret
   * @throws ServiceError `challenge-unavailable`
   */
  announceRefusal(request: ValidatedRequest, code: ErrorCode, reason: string): Promise<void>;
  /** Until when a certificate of that moment may wait; then it is revoked. */
  deadline(alias: ChallengeAlias, issuedAt: Date): Date;
}
