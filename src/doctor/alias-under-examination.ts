import type { AliasSettings } from '../aliases/alias';
import type { DeviceProfile } from '../device-profiles/device-profile';
import type { KeyUsageBit } from '../pki/x509/extension';
import type { CertificateProfileSettings } from '../profiles/certificate-profile';
import type { Finding } from './finding';

/** What is looked at of a certificate. */
export interface ExaminedCertificate {
  /** In the notation of RFC 4514. */
  readonly subject: string;
  /** Attributes of the subject, dotted. */
  readonly subjectAttributes: readonly string[];
  /** Undefined where the certificate does not say, which means anything. */
  readonly keyUsage: ReadonlySet<KeyUsageBit> | undefined;
  /** Purposes, dotted; undefined where the certificate does not say. */
  readonly extendedKeyUsage: readonly string[] | undefined;
  readonly isSelfIssued: boolean;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly key: { readonly type: 'rsa' | 'ec'; readonly bits: number };
}

/** A certificate of GetCACert. */
export interface ShownCertificate extends ExaminedCertificate {
  /** Whether what is encrypted to it can be opened here. */
  readonly opens: boolean;
}

/** One authority as the alias's devices meet it. */
export interface ExaminedAuthority {
  readonly name: string;
  /** Of the present generation. */
  readonly certificate: ExaminedCertificate;
  /** Above it, the root last. */
  readonly chain: readonly ExaminedCertificate[];
  /** None, one for both purposes, or the signing and the encrypting one. */
  readonly raCertificates: readonly ExaminedCertificate[];
  /** What GetCACert answers with, in its order. */
  readonly shown: readonly ShownCertificate[];
  /** The one that signs CertReps. */
  readonly signing: ExaminedCertificate;
  /** The one that devices are meant to encrypt to. */
  readonly encrypting: ExaminedCertificate;
  /** The generation that was made for a rollover. */
  readonly next: { readonly startsAt: Date } | undefined;
  /** The generation before, which still opens late messages. */
  readonly previous: { readonly opensUntil: Date } | undefined;
  /** The newest CRL of the present generation. */
  readonly crl: { readonly nextUpdate: Date } | undefined;
  /** Where the gateway serves it to devices. */
  readonly crlUrl: string;
}

/** A certificate profile by which certificates would be issued through the alias. */
export interface ExaminedCertificateProfile extends CertificateProfileSettings {
  readonly name: string;
}

/** All that is known of an alias before it is judged: a plain value, so that each check is a function of it. */
export interface AliasUnderExamination {
  readonly now: Date;
  readonly name: string;
  readonly settings: AliasSettings;
  readonly deviceProfile: DeviceProfile;
  /** Those that can answer, in the order of the alias. */
  readonly authorities: readonly ExaminedAuthority[];
  /** Names of those that cannot. */
  readonly unavailableAuthorities: readonly string[];
  readonly certificateProfiles: readonly ExaminedCertificateProfile[];
  /** What GetCACaps answers with. */
  readonly capabilities: readonly string[];
  /** Whether any end entity of its authorities may enrol now. */
  readonly hasEnrollingEndEntity: boolean;
  /** What devices reach the gateway by, without a slash at the end. */
  readonly publicUrl: string;
  /** Whether somebody has set it; otherwise it was guessed from the name of this machine. */
  readonly publicUrlIsSet: boolean;
}

/** One judgement over an alias; pure. */
export type Check = (alias: AliasUnderExamination) => readonly Finding[];

/** What the clients of the alias need; nothing where their profile does not say. */
export const needsOf = ({ deviceProfile }: AliasUnderExamination): NonNullable<DeviceProfile['needs']> =>
  deviceProfile.needs ?? {};
