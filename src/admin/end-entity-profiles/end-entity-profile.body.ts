import { EndEntityProfileInput } from '../../profiles/end-entity-profile.input';
import { IsProfileName } from '../../profiles/profile-name';

/** A new end entity profile. */
export class NewEndEntityProfileBody extends EndEntityProfileInput {
  @IsProfileName()
  name: string;
}

/** A new name for an end entity profile. */
export class RenameEndEntityProfileBody {
  @IsProfileName()
  name: string;
}
