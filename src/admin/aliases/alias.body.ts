import { AliasInput } from '../../aliases/alias.input';
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
