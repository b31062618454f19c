import {
  ArrayMaxSize,
  ArrayUnique,
  IsArray,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Length,
  Max,
  MaxLength,
  Min,
} from 'class-validator';
import { checkedInput, invalidInput, type FieldProblem } from '../common/checked-input';
import { withDefaults } from '../common/settings';
import { GENERAL_NAME_TYPES } from '../pki/x509/general-name';
import type { SubjectAltNameType } from './certificate-profile';
import {
  END_ENTITY_PROFILE_DEFAULTS,
  MAX_ALLOWED_REQUESTS,
  type EndEntityProfile,
  type EndEntityProfileSettings,
} from './end-entity-profile';
import { readNameRules } from './name-rules';
import { MAX_DESCRIPTION } from './profile-name';

const MAX_ENTRIES = 64;
const MAX_ENTRY = 1024;
const MAX_REFERENCES = 100;

/** The settings of an end entity profile as they are given: see {@link EndEntityProfileSettings} for the fields. */
export class EndEntityProfileInput {
  @IsOptional()
  @IsString()
  @MaxLength(MAX_DESCRIPTION)
  description?: string;

  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MAX_ENTRIES)
  @ArrayUnique()
  @IsString({ each: true })
  @MaxLength(128, { each: true })
  allowedSubjectAttributes?: string[];

  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MAX_ENTRIES)
  @ArrayUnique()
  @IsString({ each: true })
  @MaxLength(128, { each: true })
  requiredSubjectAttributes?: string[];

  @IsOptional()
  @IsString()
  @MaxLength(2048)
  defaultSubject?: string;

  @IsOptional()
  @IsString()
  @MaxLength(2048)
  fixedSubject?: string;

  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MAX_ENTRIES)
  @ArrayUnique()
  @IsString({ each: true })
  @MaxLength(MAX_ENTRY, { each: true })
  allowedSubjectValues?: string[];

  @IsOptional()
  @IsArray()
  @ArrayUnique()
  @IsIn(GENERAL_NAME_TYPES, { each: true })
  subjectAltNameTypes?: SubjectAltNameType[];

  @IsOptional()
  @IsArray()
  @ArrayUnique()
  @IsIn(GENERAL_NAME_TYPES, { each: true })
  requiredSubjectAltNames?: SubjectAltNameType[];

  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MAX_ENTRIES)
  @ArrayUnique()
  @IsString({ each: true })
  @MaxLength(MAX_ENTRY, { each: true })
  defaultSubjectAltNames?: string[];

  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MAX_ENTRIES)
  @ArrayUnique()
  @IsString({ each: true })
  @MaxLength(MAX_ENTRY, { each: true })
  fixedSubjectAltNames?: string[];

  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MAX_ENTRIES)
  @ArrayUnique()
  @IsString({ each: true })
  @MaxLength(MAX_ENTRY, { each: true })
  allowedSubjectAltNameValues?: string[];

  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MAX_REFERENCES)
  @ArrayUnique()
  @IsString({ each: true })
  @Length(1, 64, { each: true })
  authorities?: string[];

  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MAX_REFERENCES)
  @ArrayUnique()
  @IsString({ each: true })
  @Length(1, 64, { each: true })
  certificateProfiles?: string[];

  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(MAX_ALLOWED_REQUESTS)
  defaultAllowedRequests?: number;

  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(MAX_ALLOWED_REQUESTS)
  maximumAllowedRequests?: number;

  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(1000)
  failedAttempts?: number;
}

/** Everything about an end entity profile that follows from its settings. */
export type CheckedEndEntityProfile = Omit<EndEntityProfile, 'id' | 'name'>;

/**
 * Checks settings as a whole and fills in the defaults. Whether the authorities and certificate profiles exist only the
 * database knows.
 *
 * @param given any JSON value; null fields are as good as absent
 * @returns frozen
 * @throws ServiceError `invalid-input` naming all mistakes
 */
export function checkedEndEntityProfile(given: unknown): CheckedEndEntityProfile {
  const input = checkedInput(EndEntityProfileInput, given);
  const settings = withDefaults<EndEntityProfileSettings>(input, END_ENTITY_PROFILE_DEFAULTS);
  const problems: FieldProblem[] = [];
  const rules = readNameRules(settings, problems);
  if (settings.defaultAllowedRequests > settings.maximumAllowedRequests)
    problems.push({ field: 'maximumAllowedRequests', message: 'must not be less than defaultAllowedRequests' });
  if (problems.length > 0) throw invalidInput(problems);
  return Object.freeze({ ...settings, ...rules });
}
