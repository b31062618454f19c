import { AliasInput } from '../../aliases/alias.input';
import { IsOptional, IsString, Length } from 'class-validator';
import { IsAliasName } from '../../aliases/alias-name';

/** A new alias. */
export class NewAliasBody extends AliasInput {
  @IsAliasName()
  name: string;
}

/** A new name for an alias. */
export class RenameAliasBody {
  @IsAliasName()
  name: string;
}

/** Whose wrong challenges are forgotten. */
export class UnlockAliasBody {
  /** As the list of them shows it; all of them where it is absent. */
  @IsOptional()
  @IsString()
  @Length(1, 64)
  source?: string;
}
