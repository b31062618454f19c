import type { GENERAL_NAME_TYPES } from '../pki/x509/general-name';
import type { CertificatePolicy } from '../pki/x509/certificate-policies';
import { KEY_USAGE_BITS, type KeyUsageBit } from '../pki/x509/extension';
import { GATEWAYS_OWN } from './location';
import type { Period } from './period';

/** Key usages of an end entity: what certifies others is for authorities alone. */
export const END_ENTITY_KEY_USAGES = KEY_USAGE_BITS.filter((bit) => bit !== 'keyCertSign' && bit !== 'cRLSign');

/** Elliptic curves that keys may lie on. */
export const EC_CURVES = ['P-256', 'P-384', 'P-521'] as const;

/** One of {@link EC_CURVES}. */
export type EcCurve = (typeof EC_CURVES)[number];

/** Type of a subjectAltName that can be registered or taken over from a request. */
export type SubjectAltNameType = (typeof GENERAL_NAME_TYPES)[number];

/** What a certificate says besides the names and the key: every field, checked and immutable. */
export interface CertificateProfileSettings {
  /** For the administrator. */
  readonly description: string;
  /** A disabled profile issues nothing; end entities that have it are refused. */
  readonly enabled: boolean;
  /** How long a certificate is valid, as {@link Period} text. */
  readonly validity: string;
  /** How long before its issue it becomes valid, for devices whose clocks are slow. */
  readonly backdate: string;
  /** Which keys are certified. */
  readonly keyAlgorithms: readonly ('rsa' | 'ec')[];
  /** Least size of an RSA key in bits. */
  readonly minimumRsaBits: number;
  /** Greatest size of an RSA key in bits. */
  readonly maximumRsaBits: number;
  readonly ecCurves: readonly EcCurve[];
  /** Bits of keyUsage. On a key that cannot encrypt (EC) keyEncipherment and dataEncipherment are left out (RFC 8813). */
  readonly keyUsage: readonly KeyUsageBit[];
  /** The keyUsage of the request, where it has one, takes the place of `keyUsage`; never certificate or CRL signing. */
  readonly keyUsageFromRequest: boolean;
  /** Bits that are taken over where `keyUsageFromRequest` is true; the others are left out. */
  readonly requestedKeyUsage: readonly KeyUsageBit[];
  /** Purposes of extKeyUsage by name or dotted identifier; none: no such extension. */
  readonly extendedKeyUsage: readonly string[];
  /** Purposes that are taken over from a request, in place of `extendedKeyUsage`; `any`: see `requested-purposes.ts`. */
  readonly requestedExtendedKeyUsage: readonly string[];
  /** Whether basicConstraints says that this is no CA; without, the extension is absent, which means the same. */
  readonly basicConstraints: boolean;
  /** Types of subjectAltNames that are taken over where the alias issues the names of the request. */
  readonly requestedSubjectAltNames: readonly SubjectAltNameType[];
  /** Types of subjectAltNames of which a certificate must have one. */
  readonly requiredSubjectAltNames: readonly SubjectAltNameType[];
  /** How many subjectAltNames a certificate may have. */
  readonly maximumSubjectAltNames: number;
  /** Domains in which the hosts of dns, email, upn and uri names must lie; none: any. */
  readonly allowedDomains: readonly string[];
  /** Where certificates say that their CRL is: URIs, `gateway` for this gateway's own place; none: they do not say. */
  readonly crlDistributionPoints: readonly string[];
  /** Where certificates say that their issuer's is: URIs, `gateway` for this gateway's own place; none: they do not say. */
  readonly caIssuers: readonly string[];
  /** Where certificates say that an OCSP responder is: URIs; none: they do not say. */
  readonly ocspResponders: readonly string[];
  /** Policies by dotted identifier, each with the URI of its practice statement behind an equals sign, if it has one. */
  readonly certificatePolicies: readonly string[];
}

/** A certificate profile with what is derived from its settings. */
export interface CertificateProfile extends CertificateProfileSettings {
  readonly id: number;
  readonly name: string;
  /** `validity`, read. */
  readonly validityPeriod: Period;
  /** `backdate`, read. */
  readonly backdatePeriod: Period;
  /** `extendedKeyUsage` as dotted identifiers. */
  readonly extendedKeyUsageOids: readonly string[];
  /** Whether a requested purpose (dotted) is taken over; undefined where none is. */
  readonly grantsPurpose: ((oid: string) => boolean) | undefined;
  /** `certificatePolicies`, read. */
  readonly policies: readonly CertificatePolicy[];
}

/** What a field of a certificate profile is when it is not given. */
export const CERTIFICATE_PROFILE_DEFAULTS: CertificateProfileSettings = {
  description: '',
  enabled: true,
  validity: '2y',
  backdate: '10m',
  keyAlgorithms: ['rsa', 'ec'],
  minimumRsaBits: 2048,
  maximumRsaBits: 8192,
  ecCurves: EC_CURVES,
  keyUsage: ['digitalSignature', 'keyEncipherment'],
  keyUsageFromRequest: false,
  requestedKeyUsage: END_ENTITY_KEY_USAGES,
  extendedKeyUsage: ['clientAuth'],
  requestedExtendedKeyUsage: [],
  basicConstraints: true,
  requestedSubjectAltNames: ['dns', 'email', 'uri', 'ip', 'upn'],
  requiredSubjectAltNames: [],
  maximumSubjectAltNames: 100,
  allowedDomains: [],
  crlDistributionPoints: [GATEWAYS_OWN],
  caIssuers: [],
  ocspResponders: [],
  certificatePolicies: [],
};
