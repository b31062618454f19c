import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayNotEmpty,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  Length,
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';
import { challengeProblems, missingAuthenticator } from '../challenges/challenge-settings';
import { intuneConflicts } from '../challenges/intune/intune-settings';
import { ChallengeInput } from '../challenges/challenge.input';
import { checkedInput, invalidInput } from '../common/checked-input';
import { withDefaults } from '../common/settings';
import { DEFAULT_DEVICE_PROFILE, DEVICE_PROFILES } from '../device-profiles/device-profile-catalogue';
import { NotificationsInput } from '../notifications/notification-settings';
import { CIPHER_NAMES, type CipherName } from '../pki/cms/content-cipher';
import { DIGEST_NAMES, type DigestName } from '../pki/x509/digest-name';
import { EC_CURVES, type EcCurve } from '../profiles/certificate-profile';
import { MAX_DESCRIPTION } from '../profiles/profile-name';
import { aliasDefaults, type AliasSettings, type KeyTransportName } from './alias';
import { IsAliasName } from './alias-name';
import { settingProblems } from './alias-problems';
import { limitProblems, LimitsInput } from './limit-settings';
import { NdesInput } from './ndes-settings';
import { RaInput, raProblems, withModeDefaults } from './ra-settings';

const KEY_TRANSPORTS: readonly KeyTransportName[] = ['pkcs1', 'oaep'];

/** `caCertificateResponse` of an alias as it is given. */
export class CaCertificateResponseInput {
  @IsOptional()
  @IsBoolean()
  chain?: boolean;

  @IsOptional()
  @IsIn(['issuerFirst', 'rootFirst'])
  order?: 'issuerFirst' | 'rootFirst';

  @IsOptional()
  @IsBoolean()
  includeRoot?: boolean;

  @IsOptional()
  @IsBoolean()
  singleCertificate?: boolean;
}

/** `renewal` of an alias as it is given. */
export class RenewalInput {
  @IsOptional()
  @IsBoolean()
  enabled?: boolean;

  @IsOptional()
  @IsBoolean()
  allowOldKey?: boolean;

  @IsOptional()
  @IsString()
  @MaxLength(64)
  window?: string;

  @IsOptional()
  @IsString()
  @MaxLength(64)
  graceAfterExpiry?: string;

  @IsOptional()
  @IsBoolean()
  challengeRequired?: boolean;

  @IsOptional()
  @IsArray()
  @ArrayMaxSize(20)
  @ArrayUnique()
  @IsString({ each: true })
  @Length(1, 64, { each: true })
  ignoredSubjectAttributes?: string[];

  @IsOptional()
  @IsArray()
  @ArrayMaxSize(100)
  @ArrayUnique()
  @IsAliasName(true)
  fromAliases?: string[];

  @IsOptional()
  @IsArray()
  @ArrayMaxSize(100)
  @ArrayUnique()
  @IsString({ each: true })
  @Length(1, 64, { each: true })
  fromAuthorities?: string[];
}

/** `rollover` of an alias as it is given. */
export class RolloverInput {
  @IsOptional()
  @IsBoolean()
  enabled?: boolean;
}

/** `algorithms.accept` of an alias as it is given. */
export class AcceptedAlgorithmsInput {
  @IsOptional()
  @IsArray()
  @ArrayNotEmpty()
  @ArrayUnique()
  @IsIn(DIGEST_NAMES, { each: true })
  digests?: DigestName[];

  @IsOptional()
  @IsArray()
  @ArrayNotEmpty()
  @ArrayUnique()
  @IsIn(CIPHER_NAMES, { each: true })
  ciphers?: CipherName[];

  @IsOptional()
  @IsArray()
  @ArrayNotEmpty()
  @ArrayUnique()
  @IsIn(KEY_TRANSPORTS, { each: true })
  keyTransports?: KeyTransportName[];

  @IsOptional()
  @IsInt()
  @Min(1024)
  @Max(16_384)
  minimumRsaBits?: number;

  @IsOptional()
  @IsArray()
  @ArrayUnique()
  @IsIn(EC_CURVES, { each: true })
  ecCurves?: EcCurve[];
}

/** `algorithms` of an alias as it is given. */
export class AlgorithmsInput {
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => AcceptedAlgorithmsInput)
  accept?: AcceptedAlgorithmsInput;

  @IsOptional()
  @IsIn(['mirror', 'fixed'])
  reply?: 'mirror' | 'fixed';
}

/** `approval` of an alias as it is given. */
export class ApprovalInput {
  @IsOptional()
  @IsBoolean()
  enrolment?: boolean;

  @IsOptional()
  @IsBoolean()
  renewal?: boolean;

  @IsOptional()
  @IsString()
  @MaxLength(64)
  expiresAfter?: string;
}

/** The settings of an alias as they are given: see {@link AliasSettings} for the fields. */
export class AliasInput {
  @IsOptional()
  @IsString()
  @MaxLength(MAX_DESCRIPTION)
  description?: string;

  @IsOptional()
  @IsBoolean()
  enabled?: boolean;

  @IsOptional()
  @IsIn(['CA', 'RA'])
  operationalMode?: 'CA' | 'RA';

  /** Names; the first is the default. */
  @IsOptional()
  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(100)
  @ArrayUnique()
  @IsString({ each: true })
  @Length(1, 64, { each: true })
  authorities?: string[];

  @IsOptional()
  @IsIn(['none', 'issuer', 'chain'])
  includeCaCertificate?: 'none' | 'issuer' | 'chain';

  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => CaCertificateResponseInput)
  caCertificateResponse?: CaCertificateResponseInput;

  @IsOptional()
  @IsIn(['registered', 'request'])
  subjectSource?: 'registered' | 'request';

  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => RenewalInput)
  renewal?: RenewalInput;

  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => RolloverInput)
  rollover?: RolloverInput;

  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => AlgorithmsInput)
  algorithms?: AlgorithmsInput;

  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => ChallengeInput)
  challenge?: ChallengeInput;

  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => RaInput)
  ra?: RaInput;

  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => ApprovalInput)
  approval?: ApprovalInput;

  @IsOptional()
  @IsArray()
  @ArrayMaxSize(200)
  @IsString({ each: true })
  @MaxLength(400, { each: true })
  templates?: string[];

  @IsOptional()
  @IsIn(DEVICE_PROFILES.map(({ name }) => name))
  deviceProfile?: string;

  @IsOptional()
  @IsIn(['fallback', 'strict'])
  caIdentifierPolicy?: 'fallback' | 'strict';

  @IsOptional()
  @IsBoolean()
  answersNdesPath?: boolean;

  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => NdesInput)
  ndes?: NdesInput;

  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => NotificationsInput)
  notifications?: NotificationsInput;

  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => LimitsInput)
  limits?: LimitsInput;
}

/** What an alias is to be: its settings and the authorities that were named. */
export interface CheckedAlias {
  readonly settings: AliasSettings;
  /** Undefined: none were named, so the default is to be found. */
  readonly authorities: readonly string[] | undefined;
}

/**
 * Checks settings as a whole and fills in the defaults, those of the device profile first. Whether the authorities exist
 * only the database knows.
 *
 * @param given any JSON value; null fields are as good as absent
 * @returns frozen
 * @throws ServiceError `invalid-input` naming all mistakes
 */
export function checkedAlias(given: unknown): CheckedAlias {
  const input = checkedInput(AliasInput, given);
  const settings = withDefaults<AliasSettings>(
    withModeDefaults(input),
    aliasDefaults(input.deviceProfile ?? DEFAULT_DEVICE_PROFILE),
  );
  const problems = [
    ...settingProblems(settings),
    ...limitProblems(settings.limits),
    ...challengeProblems(settings.challenge),
    ...(settings.challenge.kind === 'intune' ? intuneConflicts(settings) : []),
    ...raProblems(settings, input.authorities ?? undefined),
    ...(settings.enabled ? missingAuthenticator(settings) : []),
  ];
  if (problems.length > 0) throw invalidInput(problems);
  const { authority } = settings.ra;
  return Object.freeze({ settings, authorities: input.authorities ?? (authority === '' ? undefined : [authority]) });
}
