/** A span of calendar time. */
export interface Period {
  readonly years: number;
  readonly months: number;
  readonly days: number;
  readonly seconds: number;
}

const NOTATION =
  /^(?:(\d{1,4})y)? ?(?:(\d{1,5})mo)? ?(?:(\d{1,6})d)? ?(?:(\d{1,7})h)? ?(?:(\d{1,8})m)? ?(?:(\d{1,9})s)?$/;
const SECONDS_PER_DAY = 86_400;
const LONGEST_YEARS = 100;

/** How a period is written, for messages. */
export const PERIOD_NOTATION = 'a period such as 2y, 6mo, 90d, 12h, 10m or 1y 6mo, at most 100 years';

/**
 * Reads a period in EJBCA's notation: numbers with the units y, mo, d, h, m, s, in this order. Undefined if the text is
 * none, or if it is longer than 100 years.
 */
export function parsePeriod(text: string): Period | undefined {
  const match = text.trim() === '' ? null : NOTATION.exec(text.trim());
  if (match === null) return undefined;
  const [years, months, days, hours, minutes, seconds] = match
    .slice(1)
    .map((digits?: string) => Number(digits ?? 0)) as [number, number, number, number, number, number];
  const period = { years, months, days, seconds: hours * 3600 + minutes * 60 + seconds };
  const roughYears = years + months / 12 + days / 365 + period.seconds / SECONDS_PER_DAY / 365;
  return roughYears > LONGEST_YEARS ? undefined : period;
}

/** Whether the period is of no length at all. */
export function isEmptyPeriod(period: Period): boolean {
  return period.years + period.months + period.days + period.seconds === 0;
}

/** The moment one period after `from`, by the UTC calendar: a year after 29 February is 28 February. */
export function after(from: Date, period: Period): Date {
  return shifted(from, period, 1);
}

/** The moment one period before `from`, by the UTC calendar. */
export function before(from: Date, period: Period): Date {
  return shifted(from, period, -1);
}

function shifted(from: Date, period: Period, direction: 1 | -1): Date {
  const month = from.getUTCMonth() + direction * (period.years * 12 + period.months);
  const lastDay = new Date(Date.UTC(from.getUTCFullYear(), month + 1, 0)).getUTCDate();
  const result = new Date(from);
  result.setUTCFullYear(from.getUTCFullYear(), month, Math.min(from.getUTCDate(), lastDay));
  return new Date(result.getTime() + direction * (period.days * SECONDS_PER_DAY + period.seconds) * 1000);
}
