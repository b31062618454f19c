import type { KeyAlgorithm } from '../keys/key-algorithm';

/** Digests that an authority signs certificates with. */
export const SIGNATURE_DIGESTS = ['sha256', 'sha384', 'sha512'] as const;

/** One of {@link SIGNATURE_DIGESTS}. */
export type SignatureDigest = (typeof SIGNATURE_DIGESTS)[number];

/**
 * Who speaks SCEP for an authority: `none`: the CA key itself; `single`: one RA certificate; `pair`: one for signatures
 * and one for encryption, which some MDM servers want (I-29).
 */
export const RA_CERTIFICATE_MODES = ['none', 'single', 'pair'] as const;

/** One of {@link RA_CERTIFICATE_MODES}. */
export type RaCertificateMode = (typeof RA_CERTIFICATE_MODES)[number];

/** RA keys are RSA whatever the CA's are, for SCEP encrypts to them. */
export const RA_KEY_ALGORITHMS = ['RSA-2048', 'RSA-3072', 'RSA-4096'] as const satisfies readonly KeyAlgorithm[];

/** One of {@link RA_KEY_ALGORITHMS}. */
export type RaKeyAlgorithm = (typeof RA_KEY_ALGORITHMS)[number];

/** Bounds of {@link AuthoritySettings.raValidityDays}: an RA certificate is renewed 30 days before its end at the latest. */
export const RA_VALIDITY_DAYS = { min: 90, max: 3650 } as const;

/** Bounds of {@link AuthoritySettings.crlValidityHours}. */
export const CRL_VALIDITY_HOURS = { min: 1, max: 8784 } as const;

/** Bounds of {@link AuthoritySettings.crlOverlapMinutes}. */
export const CRL_OVERLAP_MINUTES = { min: 5, max: 43_200 } as const;

/** Bounds of {@link AuthoritySettings.rolloverOverlapHours}. */
export const ROLLOVER_OVERLAP_HOURS = { min: 0, max: 8784 } as const;

/** What an administrator may set for an authority, as it is stored: absent is the default. */
export interface StoredAuthoritySettings {
  readonly digest?: SignatureDigest;
  readonly raCertificate?: RaCertificateMode;
  readonly raKeyAlgorithm?: RaKeyAlgorithm;
  readonly raValidityDays?: number;
  readonly dataEncipherment?: boolean;
  readonly crlValidityHours?: number;
  readonly crlOverlapMinutes?: number;
  readonly crlOnRevocation?: boolean;
  readonly rolloverOverlapHours?: number;
  readonly uniquePublicKeys?: boolean;
  readonly uniqueSubjects?: boolean;
}

/** The settings of an authority with their defaults. */
export interface AuthoritySettings {
  /** Digest of the signatures in what it issues. Default `sha256`. */
  readonly digest: SignatureDigest;
  /** Undefined: `none` where the CA certificate and key can sign and decrypt SCEP messages, `single` where not. */
  readonly raCertificate: RaCertificateMode | undefined;
  /** Default `RSA-2048`. */
  readonly raKeyAlgorithm: RaKeyAlgorithm;
  /** Validity of an RA certificate in days, clipped to the CA certificate's. Default 730. */
  readonly raValidityDays: number;
  /**
   * Whether CA certificates made from now on whose own key speaks SCEP have dataEncipherment in their keyUsage, too.
   * Default false.
   */
  readonly dataEncipherment: boolean;
  /** From thisUpdate to nextUpdate of a CRL. Default 24. */
  readonly crlValidityHours: number;
  /** How long before its nextUpdate a CRL is followed by the next; half of the validity at most. Default 10. */
  readonly crlOverlapMinutes: number;
  /** Whether each revocation is followed by a CRL at once, not only with the next one that is due. Default true. */
  readonly crlOnRevocation: boolean;
  /** How long after a rollover the previous generation still opens messages that come late. Default 168: seven days. */
  readonly rolloverOverlapHours: number;
  /** Whether a key that it has certified for one end entity is certified for no other. Default false. */
  readonly uniquePublicKeys: boolean;
  /** Whether a subject that it has certified for one end entity is certified for no other. Default false. */
  readonly uniqueSubjects: boolean;
}

/** Fills in the defaults. */
export function authoritySettings(stored: StoredAuthoritySettings): AuthoritySettings {
  return {
    digest: stored.digest ?? 'sha256',
    raCertificate: stored.raCertificate,
    raKeyAlgorithm: stored.raKeyAlgorithm ?? 'RSA-2048',
    raValidityDays: stored.raValidityDays ?? 730,
    dataEncipherment: stored.dataEncipherment ?? false,
    crlValidityHours: stored.crlValidityHours ?? 24,
    crlOverlapMinutes: stored.crlOverlapMinutes ?? 10,
    crlOnRevocation: stored.crlOnRevocation ?? true,
    rolloverOverlapHours: stored.rolloverOverlapHours ?? 168,
    uniquePublicKeys: stored.uniquePublicKeys ?? false,
    uniqueSubjects: stored.uniqueSubjects ?? false,
  };
}
