import { IsBoolean, IsIn, IsOptional, IsString, Length, Matches } from 'class-validator';
import { APPROVAL_STATES, type ApprovalState } from '../../approvals/approval-state';
import { IsFilterText } from '../filter-text';
import { PageQuery } from '../pagination';

/** Which approvals are listed. */
export class ApprovalsQuery extends PageQuery {
  @IsOptional()
  @IsIn(APPROVAL_STATES)
  state?: ApprovalState;

  /** Name that the alias had when the request came. */
  @IsFilterText()
  alias?: string;

  /** User name that the end entity had when the request came. */
  @IsFilterText()
  username?: string;

  @IsFilterText()
  transactionID?: string;
}

/** Why a request is rejected. */
export class RejectApprovalBody {
  // One line: it may become the failInfoText of an answer.
  @IsString()
  @Length(1, 200)
  @Matches(/^[^\p{Cc}\p{Cs}]*$/u, { message: '$property must have no control characters' })
  reason: string;

  /** Whether the device is told the reason, which everybody on its way can read; false unless given. */
  @IsOptional()
  @IsBoolean()
  tellDevice?: boolean;
}
