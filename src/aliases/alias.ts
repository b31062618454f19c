import { CHALLENGE_DEFAULTS, type ChallengeSettings } from '../challenges/challenge-settings';
import { withDefaults } from '../common/settings';
import { DEFAULT_DEVICE_PROFILE, getDeviceProfile } from '../device-profiles/device-profile-catalogue';
import type { CipherName } from '../pki/cms/content-cipher';
import type { Certificate } from '../pki/x509/certificate';
import type { DigestName } from '../pki/x509/digest-name';
import { NOTIFICATION_DEFAULTS, type NotificationSettings } from '../notifications/notification-settings';
import { EC_CURVES, type EcCurve } from '../profiles/certificate-profile';
import type { AliasSecrets } from './alias-secrets';
import { LIMIT_DEFAULTS, type LimitSettings } from './limit-settings';
import { NDES_DEFAULTS, type NdesSettings } from './ndes-settings';
import { type AliasRegistration, RA_DEFAULTS, type RaSettings } from './ra-settings';

/**
 * The settings of an alias: one checked, immutable value that holds every field. What they mean and which EJBCA key they
 * correspond to is told in docs/alias-settings.md.
 */
export interface AliasSettings {
  /** For the administrator. */
  readonly description: string;
  /** A disabled alias is to devices as if it did not exist. */
  readonly enabled: boolean;
  /** CA: the end entities are registered beforehand. RA: the gateway registers them, by what `ra` says. */
  readonly operationalMode: 'CA' | 'RA';
  /** What a CertRep holds besides the issued certificate: nothing, its issuer, or the issuer and all above it. */
  readonly includeCaCertificate: 'none' | 'issuer' | 'chain';
  readonly caCertificateResponse: {
    /** GetCACert answers with all CA certificates up to the root; else with the issuing CA's only. */
    readonly chain: boolean;
    /** Order of the CA certificates. RA certificates come first in either. */
    readonly order: 'issuerFirst' | 'rootFirst';
    /** Whether the root itself is part of the chain. */
    readonly includeRoot: boolean;
    /** GetCACert answers with exactly one certificate, that which requests are encrypted to, whatever `chain` says. */
    readonly singleCertificate: boolean;
  };
  /** Whose subject and subjectAltNames are issued: the registered end entity's or the request's. */
  readonly subjectSource: 'registered' | 'request';
  readonly renewal: {
    /** Whether a certificate can be renewed by a request that its own key signed, without a challenge. */
    readonly enabled: boolean;
    /** Whether the new certificate may be for the old key. */
    readonly allowOldKey: boolean;
    /** From when on: the last part of the validity in percent, or a period before its end; see `renewal-window.ts`. */
    readonly window: string;
    /** For how long an expired certificate can still be renewed, a period. */
    readonly graceAfterExpiry: string;
    /** Whether the challengePassword has to be right as well. */
    readonly challengeRequired: boolean;
    /** Attributes of the subject that need not be equal, by name or dotted. */
    readonly ignoredSubjectAttributes: readonly string[];
    /** Other aliases whose certificates are renewed here too, by name; one that is gone, by its last name. */
    readonly fromAliases: readonly string[];
    /** Other authorities of this gateway whose certificates are renewed here too, by name. */
    readonly fromAuthorities: readonly string[];
  };
  readonly rollover: {
    /** Whether devices are told of the next CA certificate, and get certificates of the next CA. */
    readonly enabled: boolean;
  };
  readonly algorithms: {
    /** What a request may use. Weak algorithms are accepted only where they are named here. */
    readonly accept: {
      readonly digests: readonly DigestName[];
      readonly ciphers: readonly CipherName[];
      readonly keyTransports: readonly KeyTransportName[];
      /** Least size in bits of an RSA key that signs or is certified. */
      readonly minimumRsaBits: number;
      /** Curves of EC keys that sign or are certified; none: no EC keys. */
      readonly ecCurves: readonly EcCurve[];
    };
    /** What the answer uses: the digest and cipher of the request, or always SHA-256 and AES-128-CBC. */
    readonly reply: 'mirror' | 'fixed';
  };
  /** What authenticates a request. */
  readonly challenge: ChallengeSettings;
  /** What the gateway registers in RA mode. */
  readonly ra: RaSettings;
  readonly approval: {
    /** Whether an officer is to approve each enrolment. */
    readonly enrolment: boolean;
    /** Whether an officer is to approve each renewal. */
    readonly renewal: boolean;
    /** How long a request waits for the officer, a period. */
    readonly expiresAfter: string;
  };
  /** Certificate templates that choose the certificate profile: {@link TemplateMapping}s as text. */
  readonly templates: readonly string[];
  /** Name of a device profile. */
  readonly deviceProfile: string;
  /** What a GetCACert or GetCACaps gets that names an unknown CA: the alias's first authority, or HTTP 404. */
  readonly caIdentifierPolicy: 'fallback' | 'strict';
  /** Answers on NDES's path, /certsrv/mscep/mscep.dll, too; one alias at most. */
  readonly answersNdesPath: boolean;
  /** The page from which programs read challenges, as from NDES. */
  readonly ndes: NdesSettings;
  /** Of what the customer's service is told. */
  readonly notifications: NotificationSettings;
  readonly limits: LimitSettings;
}

/** How the content key of a pkcsPKIEnvelope is encrypted: RSAES-PKCS1-v1_5 or RSAES-OAEP. */
export type KeyTransportName = 'pkcs1' | 'oaep';

/** What a certificate template stands for. */
export interface TemplateProfile {
  /** As the administrator wrote it. */
  readonly template: string;
  readonly certificateProfileId: number;
}

/** One SCEP endpoint, whole and immutable. */
export interface Alias extends AliasSettings {
  readonly id: number;
  /** `[A-Za-z0-9_-]{1,32}`, case-sensitive. */
  readonly name: string;
  /** Names of the authorities it may reach, at least one; the first is its default. */
  readonly authorities: readonly string[];
  /** Their ids, in the same order. */
  readonly authorityIds: readonly number[];
  /** Set in RA mode. */
  readonly registers: AliasRegistration | undefined;
  /** Of `ra.signers` in RA mode, read; in CA mode there are none. */
  readonly raSigners: readonly Certificate[];
  /** In the clear; among the settings they are masked. */
  readonly secrets: AliasSecrets;
  /** `templates`, read, by {@link templateKey}. */
  readonly templateProfiles: ReadonlyMap<string, TemplateProfile>;
}

/**
 * What a field of an alias is when neither the alias nor its device profile gives it. Its authorities: the only one there
 * is, else ManagementCA.
 */
export const ALIAS_DEFAULTS: AliasSettings = {
  description: '',
  enabled: true,
  operationalMode: 'CA',
  includeCaCertificate: 'issuer',
  caCertificateResponse: { chain: true, order: 'issuerFirst', includeRoot: true, singleCertificate: false },
  subjectSource: 'registered',
  renewal: {
    enabled: true,
    allowOldKey: false,
    window: '50%',
    graceAfterExpiry: '0d',
    challengeRequired: false,
    ignoredSubjectAttributes: [],
    fromAliases: [],
    fromAuthorities: [],
  },
  rollover: { enabled: true },
  algorithms: {
    accept: {
      digests: ['sha256', 'sha384', 'sha512'],
      ciphers: ['aes128', 'aes192', 'aes256'],
      keyTransports: ['pkcs1', 'oaep'],
      minimumRsaBits: 2048,
      ecCurves: EC_CURVES,
    },
    reply: 'mirror',
  },
  challenge: CHALLENGE_DEFAULTS,
  ra: RA_DEFAULTS,
  approval: { enrolment: false, renewal: false, expiresAfter: '7d' },
  templates: [],
  deviceProfile: DEFAULT_DEVICE_PROFILE,
  caIdentifierPolicy: 'fallback',
  answersNdesPath: false,
  ndes: NDES_DEFAULTS,
  notifications: NOTIFICATION_DEFAULTS,
  limits: LIMIT_DEFAULTS,
};

/**
 * What a field of an alias with this device profile is when it is not given: as the profile recommends, else as
 * {@link ALIAS_DEFAULTS} has it.
 * @param deviceProfile the name of one that exists
 */
export const aliasDefaults = (deviceProfile: string): AliasSettings =>
  withDefaults<AliasSettings>(getDeviceProfile(deviceProfile).aliasDefaults, ALIAS_DEFAULTS);

/** Whether an officer is to approve what this alias issues, by its settings: an enrolment, or else a renewal. */
export function wantsApproval(alias: AliasSettings, isRenewal: boolean): boolean {
  const insteadOfChallenge = alias.challenge.kind === 'approval';
  return isRenewal
    ? alias.approval.renewal || (insteadOfChallenge && alias.renewal.challengeRequired)
    : alias.approval.enrolment || insteadOfChallenge;
}
