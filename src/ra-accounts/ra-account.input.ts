import { applyDecorators } from '@nestjs/common';
import {
  ArrayMaxSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsOptional,
  IsString,
  Matches,
  MaxLength,
} from 'class-validator';
import { IsAliasName } from '../aliases/alias-name';
import { MAX_DESCRIPTION } from '../profiles/profile-name';

/** Lower case only, as those who log in by a Windows name do not mind its case; neither `\` nor `@` nor `:`. */
const ACCOUNT_NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/;

/** Checks the name of an account. */
export function IsRaAccountName(): PropertyDecorator {
  const message =
    '$property must be 1 to 64 lower-case letters, digits, dots, underscores and hyphens, a letter or digit first';
  return applyDecorators(Matches(ACCOUNT_NAME, { message }));
}

/** What can be set of an account. */
export class RaAccountInput {
  @IsOptional()
  @IsString()
  @MaxLength(MAX_DESCRIPTION)
  description?: string;

  @IsOptional()
  @IsBoolean()
  enabled?: boolean;

  /** Names of the aliases whose challenges it may fetch; null or absent: none. */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(1000)
  @ArrayUnique()
  @IsAliasName(true)
  aliases?: string[];
}

/** A new account. Its password is made by the gateway. */
export class NewRaAccountInput extends RaAccountInput {
  @IsRaAccountName()
  name: string;
}

/** A new name for an account. */
export class RenameRaAccountInput {
  @IsRaAccountName()
  name: string;
}
