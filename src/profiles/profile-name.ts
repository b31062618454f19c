import { applyDecorators } from '@nestjs/common';
import { IsString, Length, Matches } from 'class-validator';

/** Name of the certificate profile of an end entity that names none. */
export const DEFAULT_CERTIFICATE_PROFILE = 'ENDUSER';

/** Name of the end entity profile of an end entity that names none. */
export const DEFAULT_END_ENTITY_PROFILE = 'EMPTY';

/** Longest description of anything, in characters. */
export const MAX_DESCRIPTION = 500;

/** Longest name of a profile, in characters. */
export const MAX_PROFILE_NAME = 64;

/** A name that can be typed, told apart by eye and put into a path: no slash, nothing invisible, no blank at an end. */
export function IsProfileName(): PropertyDecorator {
  return applyDecorators(
    IsString(),
    Length(1, MAX_PROFILE_NAME),
    Matches(/^(?!\s)[^/\\\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]*(?<!\s)$/u, {
      message: '$property must have no slash, no invisible character and no blank at either end',
    }),
  );
}
