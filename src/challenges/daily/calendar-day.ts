const HOUR_MS = 3_600_000;

/** The longest day of any time zone, one in which clocks are put back, and more. */
const LONGEST_DAY_HOURS = 50;

/** Making a formatter costs more than an enrolment's RSA; there are some hundred time zones. */
const formatters = new Map<string, Intl.DateTimeFormat>();

/** Whether a text names a time zone of the IANA database, such as `Europe/Berlin` or `UTC`, in any letter case. */
export function isTimeZone(text: string): boolean {
  // Offsets such as +02:00 are understood by some versions of Node only, and know no daylight saving time.
  if (!/^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/.test(text)) return false;
  try {
    formatterOf(text);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** The calendar day of a moment in a time zone, as in `2026-01-31`. */
export function calendarDay(moment: Date, timeZone: string): string {
  const parts = formatterOf(timeZone).formatToParts(moment);
  const part = (wanted: string): string => parts.find(({ type }) => type === wanted)?.value ?? '';
  return `${part('year')}-${part('month')}-${part('day')}`;
}

/**
 * The first moment of the next day in a time zone. Days have 23 to 25 hours, midnight may not occur, and the day after may
 * be left out, so it is looked for and not reckoned.
 */
export function nextDayBegins(moment: Date, timeZone: string): Date {
  const today = calendarDay(moment, timeZone);
  const isToday = (time: number): boolean => calendarDay(new Date(time), timeZone) === today;
  let last = moment.getTime();
  let first = last;
  for (let hour = 1; hour <= LONGEST_DAY_HOURS && isToday(first); hour++) {
    last = first;
    first = moment.getTime() + hour * HOUR_MS;
  }
  while (first - last > 1) {
    const middle = Math.floor((first + last) / 2);
    if (isToday(middle)) last = middle;
    else first = middle;
  }
  return new Date(first);
}

function formatterOf(timeZone: string): Intl.DateTimeFormat {
  const known = formatters.get(timeZone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  });
  formatters.set(timeZone, made);
  return made;
}
