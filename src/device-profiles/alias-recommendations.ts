import type { CipherName } from '../pki/cms/content-cipher';
import type { DigestName } from '../pki/x509/digest-name';

/**
 * Settings of an alias that a kind of device needs to be otherwise than by default. They take the place of the defaults
 * in docs/alias-settings.md, never that of a setting which an administrator gave. What may stand here is what clients
 * disagree on; who is let in is no matter of a device profile.
 */
export interface AliasRecommendations {
  readonly includeCaCertificate?: 'none' | 'issuer' | 'chain';
  readonly caCertificateResponse?: {
    readonly chain?: boolean;
    readonly order?: 'issuerFirst' | 'rootFirst';
    readonly includeRoot?: boolean;
    readonly singleCertificate?: boolean;
  };
  readonly renewal?: {
    readonly ignoredSubjectAttributes?: readonly string[];
  };
  readonly algorithms?: {
    readonly accept?: {
      readonly digests?: readonly DigestName[];
      readonly ciphers?: readonly CipherName[];
      readonly minimumRsaBits?: number;
    };
    readonly reply?: 'mirror' | 'fixed';
  };
  readonly caIdentifierPolicy?: 'fallback' | 'strict';
}
