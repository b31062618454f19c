import { ALIAS_DEFAULTS, type AliasSettings } from '../../src/aliases/alias';
import type { ClientNeeds } from '../../src/device-profiles/client-needs';
import { genericProfile } from '../../src/device-profiles/generic';
import type {
  AliasUnderExamination,
  ExaminedAuthority,
  ExaminedCertificate,
  ExaminedCertificateProfile,
} from '../../src/doctor/alias-under-examination';
import { CERTIFICATE_PROFILE_DEFAULTS } from '../../src/profiles/certificate-profile';

/** When aliases of tests are examined. */
export const EXAMINED_AT = new Date('2026-06-01T00:00:00Z');

/** A CA certificate that can do all that SCEP asks of it. */
export const examinedRoot: ExaminedCertificate = {
  subject: 'CN=Devices',
  subjectAttributes: ['2.5.4.3'],
  keyUsage: new Set(['digitalSignature', 'keyEncipherment', 'keyCertSign', 'cRLSign']),
  extendedKeyUsage: undefined,
  isSelfIssued: true,
  notBefore: new Date('2026-01-01T00:00:00Z'),
  notAfter: new Date('2036-01-01T00:00:00Z'),
  key: { type: 'rsa', bits: 3072 },
};

/** An RA certificate for both purposes. */
export const examinedRa: ExaminedCertificate = {
  ...examinedRoot,
  subject: 'CN=Devices SCEP RA',
  keyUsage: new Set(['digitalSignature', 'keyEncipherment']),
  extendedKeyUsage: ['1.3.6.1.4.1.311.20.2.1'],
  isSelfIssued: false,
  notAfter: new Date('2028-01-01T00:00:00Z'),
};

/** An authority whose CA certificate is `certificate`, which speaks SCEP itself unless told otherwise. */
export function examinedAuthority(
  changes: Partial<ExaminedAuthority> = {},
  certificate: ExaminedCertificate = examinedRoot,
): ExaminedAuthority {
  return {
    name: 'Devices',
    certificate,
    chain: [],
    raCertificates: [],
    shown: [{ ...certificate, opens: true }],
    signing: certificate,
    encrypting: certificate,
    next: undefined,
    previous: undefined,
    crl: { nextUpdate: new Date('2026-06-02T00:00:00Z') },
    crlUrl: 'http://scep.example.test/crl/Devices/1.crl',
    ...changes,
  };
}

/** A certificate profile as it is made by default. */
export const examinedProfile: ExaminedCertificateProfile = { ...CERTIFICATE_PROFILE_DEFAULTS, name: 'ENDUSER' };

/** An alias with which nothing is wrong, but for what is told. */
export function examinedAlias(
  changes: Partial<Omit<AliasUnderExamination, 'settings' | 'deviceProfile'>> & {
    readonly settings?: Partial<AliasSettings>;
    readonly needs?: ClientNeeds;
  } = {},
): AliasUnderExamination {
  const { settings, needs, ...others } = changes;
  return {
    now: EXAMINED_AT,
    name: 'scep',
    settings: { ...ALIAS_DEFAULTS, ...settings },
    deviceProfile: { ...genericProfile, needs: needs ?? {} },
    authorities: [examinedAuthority()],
    unavailableAuthorities: [],
    certificateProfiles: [examinedProfile],
    capabilities: ['POSTPKIOperation', 'Renewal', 'SHA-256', 'AES', 'SCEPStandard'],
    hasEnrollingEndEntity: true,
    publicUrl: 'http://scep.example.test',
    publicUrlIsSet: true,
    ...others,
  };
}
