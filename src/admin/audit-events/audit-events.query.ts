import { IsFilterText, IsFilterTime } from '../filter-text';
import { PageQuery } from '../pagination';

/** Which audit events are listed. */
export class AuditEventsQuery extends PageQuery {
  @IsFilterText()
  actor?: string;

  @IsFilterText()
  action?: string;

  @IsFilterText()
  target?: string;

  @IsFilterTime()
  since?: string;

  @IsFilterTime()
  until?: string;
}
