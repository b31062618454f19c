import { applyDecorators } from '@nestjs/common';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Length,
  Matches,
  Max,
  MaxLength,
  Min,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import { GENERAL_NAME_TYPES } from '../pki/x509/general-name';
import type { SubjectAltNameType } from '../profiles/certificate-profile';
import { MAX_ALLOWED_REQUESTS } from '../profiles/end-entity-profile';
import { END_ENTITY_STATUS_NAMES, type EndEntityStatusName } from './end-entity-status';
import { MAX_ENROLMENT_CODE } from './enrolment-code';
import type { SubjectAltName } from '../profiles/subject-alt-name';

const MAX_USERNAME = 255;

/**
 * A user name that a request can name: the CN is cut at the first blank, so a blank in it could never be reached, and
 * what cannot be seen could not be told apart.
 */
export function IsUsername(): PropertyDecorator {
  return applyDecorators(
    IsString(),
    Length(1, MAX_USERNAME),
    Matches(/^[^\s\p{Cc}\p{Cf}\p{Cs}\p{Z}]*$/u, {
      message:
        '$property must have no blank and no invisible character: a device is known by its CN up to the first blank',
    }),
  );
}

/** An enrolment code: something to type, at most as long as a challengePassword can be. */
export function IsEnrolmentCode(): PropertyDecorator {
  return applyDecorators(
    IsString(),
    Length(1, MAX_ENROLMENT_CODE),
    Matches(/\S/, { message: '$property must not be blank' }),
    Matches(/^[^\p{Cc}\p{Cs}]*$/u, { message: '$property must have no control characters' }),
  );
}

/** An alternative name as it is given. */
export class SubjectAltNameInput implements SubjectAltName {
  @IsIn(GENERAL_NAME_TYPES)
  type: SubjectAltNameType;

  @IsString()
  @Length(1, 1024)
  value: string;
}

/** What an administrator may say of an end entity at any time; null brings the default back. */
export interface GivenContent {
  readonly subject?: string | null;
  readonly subjectAltNames?: readonly SubjectAltName[] | null;
  readonly authority?: string | null;
  readonly certificateProfile?: string | null;
  readonly endEntityProfile?: string | null;
  readonly allowedRequests?: number | null;
}

/** {@link GivenContent} with its rules. */
export class EndEntityContentInput implements GivenContent {
  /** Default: `CN=` and the user name. */
  @IsOptional()
  @IsString()
  @MaxLength(2048)
  subject?: string | null;

  @IsOptional()
  @IsArray()
  @ArrayMaxSize(100)
  @ValidateNested({ each: true })
  @Type(() => SubjectAltNameInput)
  subjectAltNames?: SubjectAltNameInput[] | null;

  /** Default: the only authority there is, else ManagementCA. */
  @IsOptional()
  @IsString()
  @Length(1, 64)
  authority?: string | null;

  /** Default: ENDUSER. */
  @IsOptional()
  @IsString()
  @Length(1, 64)
  certificateProfile?: string | null;

  /** Default: EMPTY. */
  @IsOptional()
  @IsString()
  @Length(1, 64)
  endEntityProfile?: string | null;

  /** How many certificates one code is good for. Default: 1. */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(MAX_ALLOWED_REQUESTS)
  allowedRequests?: number | null;
}

/** A new end entity. */
export class NewEndEntityInput extends EndEntityContentInput {
  @IsUsername()
  username: string;

  /** null: none, for an alias with another kind of challenge. No alias lets it enrol by a code then. */
  @ValidateIf((_, value) => value !== null)
  @IsEnrolmentCode()
  enrolmentCode: string | null;
}

/** A change of an end entity: what is absent stays. */
export class EndEntityPatchInput extends EndEntityContentInput {
  // Not IsOptional: null would take a code away from a device that is to use it, with nothing that says so.
  @ValidateIf((_, value) => value !== undefined)
  @IsEnrolmentCode()
  enrolmentCode?: string;
}

/** A change of status. */
export class EndEntityStatusInput {
  @IsIn(END_ENTITY_STATUS_NAMES)
  status: EndEntityStatusName;

  /** A new code, with a status that enrols. */
  @ValidateIf((_, value) => value !== undefined)
  @IsEnrolmentCode()
  enrolmentCode?: string;
}
