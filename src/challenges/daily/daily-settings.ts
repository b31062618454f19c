import { IsOptional, IsString, MaxLength } from 'class-validator';
import type { FieldProblem } from '../../common/checked-input';
import { parsePeriod, PERIOD_NOTATION, type Period } from '../../profiles/period';
import { isTimeZone } from './calendar-day';

/** The day of the kind `daily`: `challenge.daily`. */
export interface DailySettings {
  /** Whose calendar counts: a name of the IANA database. */
  readonly timeZone: string;
  /** For how long after midnight the challenge of the day before is right as well: a period. */
  readonly overlap: string;
}

/** What a field is when it is not given. */
export const DAILY_DEFAULTS: DailySettings = { timeZone: 'UTC', overlap: '1h' };

const HALF_A_DAY_SECONDS = 43_200;

/** `challenge.daily` of an alias as it is given. */
export class DailyInput {
  @IsOptional()
  @IsString()
  @MaxLength(64)
  timeZone?: string;

  @IsOptional()
  @IsString()
  @MaxLength(64)
  overlap?: string;
}

/** What no decorator can find in whole settings. */
export function dailyProblems({ timeZone, overlap }: DailySettings): FieldProblem[] {
  const problems: FieldProblem[] = [];
  if (!isTimeZone(timeZone))
    problems.push({
      field: 'challenge.daily.timeZone',
      message: 'must be an IANA time zone such as Europe/Berlin or UTC',
    });
  const period = parsePeriod(overlap);
  if (period === undefined || !isAtMostHalfADay(period))
    problems.push({ field: 'challenge.daily.overlap', message: `must be ${PERIOD_NOTATION}, and here at most 12h` });
  return problems;
}

/** `overlap` in milliseconds; it was checked when it was set. */
export function overlapMs({ overlap }: DailySettings): number {
  return (parsePeriod(overlap)?.seconds ?? 0) * 1000;
}

const isAtMostHalfADay = ({ years, months, days, seconds }: Period): boolean =>
  years + months + days === 0 && seconds <= HALF_A_DAY_SECONDS;
