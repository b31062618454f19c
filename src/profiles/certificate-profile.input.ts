import {
  ArrayMaxSize,
  ArrayNotEmpty,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsFQDN,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Max,
  MaxLength,
  Min,
} from 'class-validator';
import { checkedInput, invalidInput, type FieldProblem } from '../common/checked-input';
import { withDefaults } from '../common/settings';
import type { CertificatePolicy } from '../pki/x509/certificate-policies';
import type { KeyUsageBit } from '../pki/x509/extension';
import { GENERAL_NAME_TYPES } from '../pki/x509/general-name';
import {
  CERTIFICATE_PROFILE_DEFAULTS,
  EC_CURVES,
  END_ENTITY_KEY_USAGES,
  type CertificateProfile,
  type CertificateProfileSettings,
  type EcCurve,
  type SubjectAltNameType,
} from './certificate-profile';
import { LOCATIONS } from './location';
import { keyPurposeOid } from './key-purpose';
import { parseCertificatePolicy, POLICY_NOTATION } from './policy-notation';
import { ANY_PURPOSE, purposeGrant } from './requested-purposes';
import { isEmptyPeriod, parsePeriod, PERIOD_NOTATION, type Period } from './period';
import { MAX_DESCRIPTION } from './profile-name';

/** The settings of a certificate profile as they are given: see {@link CertificateProfileSettings} for the fields. */
export class CertificateProfileInput {
  @IsOptional()
  @IsString()
  @MaxLength(MAX_DESCRIPTION)
  description?: string;

  @IsOptional()
  @IsBoolean()
  enabled?: boolean;

  @IsOptional()
  @IsString()
  @MaxLength(64)
  validity?: string;

  @IsOptional()
  @IsString()
  @MaxLength(64)
  backdate?: string;

  @IsOptional()
  @IsArray()
  @ArrayNotEmpty()
  @ArrayUnique()
  @IsIn(['rsa', 'ec'], { each: true })
  keyAlgorithms?: ('rsa' | 'ec')[];

  @IsOptional()
  @IsInt()
  @Min(1024)
  @Max(16_384)
  minimumRsaBits?: number;

  @IsOptional()
  @IsInt()
  @Min(1024)
  @Max(16_384)
  maximumRsaBits?: number;

  @IsOptional()
  @IsArray()
  @ArrayNotEmpty()
  @ArrayUnique()
  @IsIn(EC_CURVES, { each: true })
  ecCurves?: EcCurve[];

  @IsOptional()
  @IsArray()
  @ArrayUnique()
  @IsIn(END_ENTITY_KEY_USAGES, { each: true })
  keyUsage?: KeyUsageBit[];

  @IsOptional()
  @IsBoolean()
  keyUsageFromRequest?: boolean;

  @IsOptional()
  @IsArray()
  @ArrayUnique()
  @IsIn(END_ENTITY_KEY_USAGES, { each: true })
  requestedKeyUsage?: KeyUsageBit[];

  @IsOptional()
  @IsArray()
  @ArrayMaxSize(32)
  @ArrayUnique()
  @IsString({ each: true })
  @MaxLength(128, { each: true })
  extendedKeyUsage?: string[];

  @IsOptional()
  @IsArray()
  @ArrayMaxSize(32)
  @ArrayUnique()
  @IsString({ each: true })
  @MaxLength(128, { each: true })
  requestedExtendedKeyUsage?: string[];

  @IsOptional()
  @IsBoolean()
  basicConstraints?: boolean;

  @IsOptional()
  @IsArray()
  @ArrayUnique()
  @IsIn(GENERAL_NAME_TYPES, { each: true })
  requestedSubjectAltNames?: SubjectAltNameType[];

  @IsOptional()
  @IsArray()
  @ArrayUnique()
  @IsIn(GENERAL_NAME_TYPES, { each: true })
  requiredSubjectAltNames?: SubjectAltNameType[];

  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(256)
  maximumSubjectAltNames?: number;

  @IsOptional()
  @IsArray()
  @ArrayMaxSize(64)
  @ArrayUnique()
  @IsFQDN({ require_tld: false, allow_underscores: true }, { each: true })
  allowedDomains?: string[];

  @IsOptional()
  @IsArray()
  @ArrayMaxSize(8)
  @ArrayUnique()
  @IsString({ each: true })
  @MaxLength(1000, { each: true })
  crlDistributionPoints?: string[];

  @IsOptional()
  @IsArray()
  @ArrayMaxSize(8)
  @ArrayUnique()
  @IsString({ each: true })
  @MaxLength(1000, { each: true })
  caIssuers?: string[];

  @IsOptional()
  @IsArray()
  @ArrayMaxSize(8)
  @ArrayUnique()
  @IsString({ each: true })
  @MaxLength(1000, { each: true })
  ocspResponders?: string[];

  @IsOptional()
  @IsArray()
  @ArrayMaxSize(16)
  @ArrayUnique()
  @IsString({ each: true })
  @MaxLength(1200, { each: true })
  certificatePolicies?: string[];
}

/** Everything about a certificate profile that follows from its settings. */
export type CheckedCertificateProfile = Omit<CertificateProfile, 'id' | 'name'>;

/**
 * Checks settings as a whole and fills in the defaults.
 *
 * @param given any JSON value; null fields are as good as absent
 * @returns frozen
 * @throws ServiceError `invalid-input` naming all mistakes
 */
export function checkedCertificateProfile(given: unknown): CheckedCertificateProfile {
  const input = checkedInput(CertificateProfileInput, given);
  const settings = withDefaults<CertificateProfileSettings>(input, CERTIFICATE_PROFILE_DEFAULTS);
  const problems: FieldProblem[] = [];
  const period = (field: 'validity' | 'backdate'): Period | undefined => {
    const read = parsePeriod(settings[field]);
    if (read === undefined || (field === 'validity' && isEmptyPeriod(read)))
      problems.push({ field, message: `must be ${PERIOD_NOTATION}` });
    return read;
  };
  const validityPeriod = period('validity');
  const backdatePeriod = period('backdate');
  const purposes = (field: 'extendedKeyUsage' | 'requestedExtendedKeyUsage', besides?: string): string[] =>
    settings[field].flatMap((purpose, index) => {
      const oid = purpose === besides ? purpose : keyPurposeOid(purpose);
      if (oid !== undefined) return [oid];
      problems.push({ field: `${field}[${index}]`, message: 'must be a known purpose or a dotted identifier' });
      return [];
    });
  const extendedKeyUsageOids = purposes('extendedKeyUsage');
  const grantsPurpose = purposeGrant(purposes('requestedExtendedKeyUsage', ANY_PURPOSE));
  for (const field of ['crlDistributionPoints', 'caIssuers', 'ocspResponders'] as const)
    settings[field].forEach((location, index) => {
      const { isRight, rule } = LOCATIONS[field];
      if (!isRight(location)) problems.push({ field: `${field}[${index}]`, message: rule });
    });
  const policies = certificatePolicies(settings.certificatePolicies, problems);
  if (settings.requiredSubjectAltNames.length > settings.maximumSubjectAltNames)
    problems.push({ field: 'maximumSubjectAltNames', message: 'must not be less than requiredSubjectAltNames needs' });
  if (settings.minimumRsaBits > settings.maximumRsaBits)
    problems.push({ field: 'maximumRsaBits', message: 'must not be less than minimumRsaBits' });
  if (problems.length > 0 || validityPeriod === undefined || backdatePeriod === undefined) throw invalidInput(problems);
  return Object.freeze({
    ...settings,
    validityPeriod,
    backdatePeriod,
    extendedKeyUsageOids,
    grantsPurpose,
    policies,
  });
}

function certificatePolicies(texts: readonly string[], problems: FieldProblem[]): CertificatePolicy[] {
  const seen = new Set<string>();
  return texts.flatMap((text, index) => {
    const policy = parseCertificatePolicy(text);
    const field = `certificatePolicies[${index}]`;
    if (policy === undefined) problems.push({ field, message: POLICY_NOTATION });
    // RFC 5280 section 4.2.1.4
    else if (seen.has(policy.oid)) problems.push({ field, message: 'is a policy that stands there already' });
    else {
      seen.add(policy.oid);
      return [policy];
    }
    return [];
  });
}
