import { IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
import type { FieldProblem } from '../common/checked-input';
import { isEmptyPeriod, parsePeriod, PERIOD_NOTATION } from '../profiles/period';

/** `limits` of an alias. */
export interface LimitSettings {
  /** After how many wrong challenges a source is locked out of an end entity. */
  readonly failedAttempts: number;
  /** After how many wrong challenges that no end entity can be blamed for a source is locked out of the alias. */
  readonly failedAttemptsPerSource: number;
  /** For how many seconds. */
  readonly lockoutFor: number;
  /** How many requests of one end entity may wait for an officer at a time. */
  readonly openApprovalsPerEndEntity: number;
  /** How many requests of the alias may. */
  readonly openApprovals: number;
  /** How many PKIOperations one source may send in a minute to each process; 0: any number. */
  readonly requestsPerMinute: number;
  /** How many certificates of an end entity may be valid at a time; 0: any number. */
  readonly maxActiveCertificates: number;
  /**
   * What becomes of more than that: `none` are issued, or the older ones are revoked as superseded `atOnce` or after a
   * period.
   */
  readonly supersede: string;
}

/** What a field of {@link LimitSettings} is when it is not given. */
export const LIMIT_DEFAULTS: LimitSettings = {
  failedAttempts: 5,
  failedAttemptsPerSource: 20,
  lockoutFor: 900,
  openApprovalsPerEndEntity: 5,
  openApprovals: 10_000,
  requestsPerMinute: 0,
  maxActiveCertificates: 0,
  supersede: 'none',
};

/** `limits` of an alias as it is given. */
export class LimitsInput {
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(1000)
  failedAttempts?: number;

  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(100_000)
  failedAttemptsPerSource?: number;

  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(2_592_000)
  lockoutFor?: number;

  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(100)
  openApprovalsPerEndEntity?: number;

  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  openApprovals?: number;

  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(100_000)
  requestsPerMinute?: number;

  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(1000)
  maxActiveCertificates?: number;

  @IsOptional()
  @IsString()
  @MaxLength(64)
  supersede?: string;
}

/** What is wrong with limits beyond what their types tell. */
export function limitProblems({ supersede }: LimitSettings): FieldProblem[] {
  if (supersede === 'none' || supersede === 'atOnce') return [];
  const period = parsePeriod(supersede);
  return period === undefined || isEmptyPeriod(period)
    ? [{ field: 'limits.supersede', message: `must be none, atOnce, or ${PERIOD_NOTATION}` }]
    : [];
}
