import { IsIn, IsOptional } from 'class-validator';
import { REQUEST_OUTCOMES, type RequestOutcome } from '../../requests/request-record';
import { IsFilterText, IsFilterTime } from '../filter-text';
import { PageQuery } from '../pagination';

/** Which requests are listed. */
export class RequestsQuery extends PageQuery {
  @IsFilterText()
  alias?: string;

  @IsOptional()
  @IsIn(REQUEST_OUTCOMES)
  outcome?: RequestOutcome;

  @IsFilterText()
  transactionID?: string;

  @IsFilterText()
  username?: string;

  @IsFilterTime()
  since?: string;

  @IsFilterTime()
  until?: string;
}

/** Which counts of the undecodable are listed. */
export class UndecodableQuery extends PageQuery {
  @IsFilterText()
  alias?: string;
}
