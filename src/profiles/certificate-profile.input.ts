import {
  ArrayMaxSize,
  ArrayNotEmpty,
  ArrayUnique,
  IsArray,
  IsBoolean,
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
import { CRL_LOCATION_RULE, isCrlLocation } from './crl-location';
import { keyPurposeOid } from './key-purpose';
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
  @ArrayMaxSize(8)
  @ArrayUnique()
  @IsString({ each: true })
  @MaxLength(1000, { each: true })
  crlDistributionPoints?: string[];
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
  settings.crlDistributionPoints.forEach((location, index) => {
    if (!isCrlLocation(location))
      problems.push({ field: `crlDistributionPoints[${index}]`, message: CRL_LOCATION_RULE });
  });
  if (settings.minimumRsaBits > settings.maximumRsaBits)
    problems.push({ field: 'maximumRsaBits', message: 'must not be less than minimumRsaBits' });
  if (problems.length > 0 || validityPeriod === undefined || backdatePeriod === undefined) throw invalidInput(problems);
  return Object.freeze({
    ...settings,
    validityPeriod,
    backdatePeriod,
    extendedKeyUsageOids,
    grantsPurpose,
  });
}
