import { IsIn, IsOptional } from 'class-validator';
import { END_ENTITY_STATUS_NAMES, type EndEntityStatusName } from '../../end-entities/end-entity-status';
import { IsUsername } from '../../end-entities/end-entity.input';
import { IsFilterText } from '../filter-text';
import { PageQuery } from '../pagination';

/** Which end entities are listed. */
export class EndEntitiesQuery extends PageQuery {
  @IsOptional()
  @IsIn(END_ENTITY_STATUS_NAMES)
  status?: EndEntityStatusName;

  @IsFilterText()
  authority?: string;

  /** What the user name begins with. */
  @IsFilterText()
  username?: string;
}

/** A new user name for an end entity. */
export class RenameEndEntityBody {
  @IsUsername()
  username: string;
}
