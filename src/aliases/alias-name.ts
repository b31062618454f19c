import { applyDecorators } from '@nestjs/common';
import { Matches } from 'class-validator';

/** What an alias may be called: just what fits into a SCEP URL and EJBCA's too. */
const ALIAS_NAME = /^[A-Za-z0-9_-]{1,32}$/;

/** The alias of paths that name none: EJBCA's default, and that of Cisco IOS without a path. */
export const DEFAULT_ALIAS = 'scep';

/** Whether an alias can be called so. */
export const isAliasName = (text: string): boolean => ALIAS_NAME.test(text);

/** Checks a field against {@link ALIAS_NAME}, or with `each` the members of a list. */
export function IsAliasName(each = false): PropertyDecorator {
  const message = '$property must be 1 to 32 letters, digits, underscores and hyphens';
  return applyDecorators(Matches(ALIAS_NAME, { each, message }));
}
