import { applyDecorators } from '@nestjs/common';
import { IsISO8601, IsOptional, IsString, Length, Matches } from 'class-validator';

/** A filter of a list: any text that could be stored. */
export function IsFilterText(): PropertyDecorator {
  return applyDecorators(
    IsOptional(),
    IsString(),
    Length(1, 255),
    Matches(/^[^\p{Cc}\p{Cs}]*$/u, { message: '$property must have no control characters' }),
  );
}

/** A filter of a list by time: ISO 8601 with date, time and offset, such as 2026-01-31T12:00:00Z. */
export function IsFilterTime(): PropertyDecorator {
  return applyDecorators(
    IsOptional(),
    IsISO8601({ strict: true }),
    Matches(/^\d{4}-\d\d-\d\dT.*(?:Z|[+-]\d\d:?\d\d)$/, {
      message: '$property must be a time with its offset from UTC, such as 2026-01-31T12:00:00Z',
    }),
  );
}

/** The moment that a text checked by {@link IsFilterTime} names. */
export const filterTime = (text: string | undefined): Date | undefined =>
  text === undefined ? undefined : new Date(text);
