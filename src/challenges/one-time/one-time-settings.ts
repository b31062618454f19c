import { IsIn, IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
import type { FieldProblem } from '../../common/checked-input';
import { parsePeriod, PERIOD_NOTATION } from '../../profiles/period';
import { ONE_TIME_FORMATS, type OneTimeFormat } from './one-time-secret';

/** How an alias hands out one-time challenges: `challenge.oneTime`. */
export interface OneTimeSettings {
  readonly format: OneTimeFormat;
  /** For how long one can be used unless the order says otherwise, and for how long at most: a period. */
  readonly lifetime: string;
  /** How many may be outstanding at a time. */
  readonly maximum: number;
  /** After how many requests for something else than it is bound to one is burnt. */
  readonly failedAttempts: number;
}

/** What a field is when it is not given: NDES's lifetime, and no cap that a fleet would notice. */
export const ONE_TIME_DEFAULTS: OneTimeSettings = {
  format: 'base64url',
  lifetime: '1h',
  maximum: 1000,
  failedAttempts: 5,
};

const SECONDS_PER_DAY = 86_400;
const DAYS_PER_MONTH = 30;
const DAYS_PER_YEAR = 365;

const LONGEST_DAYS = 30;

/**
 * What 64 bits carry: docs/challenges.md reckons with these and the lockout of sources how long it takes to guess one of
 * those that are outstanding.
 */
const SHORT = { longestDays: 1, maximum: 1000 } as const;

/** `challenge.oneTime` of an alias as it is given. */
export class OneTimeInput {
  @IsOptional()
  @IsIn(ONE_TIME_FORMATS)
  format?: OneTimeFormat;

  @IsOptional()
  @IsString()
  @MaxLength(64)
  lifetime?: string;

  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(100_000)
  maximum?: number;

  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(100)
  failedAttempts?: number;
}

/** What no decorator can find in whole settings. */
export function oneTimeProblems({ format, lifetime, maximum }: OneTimeSettings): FieldProblem[] {
  const problems: FieldProblem[] = [];
  const short = format === 'hex16';
  const longest = short ? SHORT.longestDays : LONGEST_DAYS;
  const seconds = lifetimeSeconds(lifetime);
  if (seconds === undefined || seconds < 1 || seconds > longest * SECONDS_PER_DAY)
    problems.push({
      field: 'challenge.oneTime.lifetime',
      message: `must be ${PERIOD_NOTATION}, and at most ${longest}d${short ? ' for 16 digits' : ''}`,
    });
  if (short && maximum > SHORT.maximum)
    problems.push({
      field: 'challenge.oneTime.maximum',
      message: `must be at most ${SHORT.maximum} where challenge.oneTime.format is hex16`,
    });
  return problems;
}

/**
 * What holds for challenges of a format other than the alias's, such as those of NDES's page: never more of short ones, nor
 * for longer, than may be.
 */
export function oneTimeLimits(
  { lifetime, maximum }: OneTimeSettings,
  format: OneTimeFormat,
): { readonly lifetimeSeconds: number; readonly maximum: number } {
  const seconds = lifetimeSeconds(lifetime) ?? 0;
  if (format !== 'hex16') return { lifetimeSeconds: seconds, maximum };
  return {
    lifetimeSeconds: Math.min(seconds, SHORT.longestDays * SECONDS_PER_DAY),
    maximum: Math.min(maximum, SHORT.maximum),
  };
}

/** A period in seconds, undefined if the text is none. A month has 30 days here. */
export function lifetimeSeconds(text: string): number | undefined {
  const period = parsePeriod(text);
  if (period === undefined) return undefined;
  const { years, months, days, seconds } = period;
  return (years * DAYS_PER_YEAR + months * DAYS_PER_MONTH + days) * SECONDS_PER_DAY + seconds;
}
