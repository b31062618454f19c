import { before, parsePeriod, type Period } from '../profiles/period';

/** When a certificate may be renewed: in the last part of its validity, or for a period before its end. */
export type RenewalWindow = { readonly percent: number } | { readonly period: Period };

/** How a window is written, for messages. */
export const RENEWAL_WINDOW_NOTATION =
  'a part of the validity such as 50%, from 1% to 100%, or a period before its end such as 30d';

const PERCENT = /^(\d{1,3})%$/;

/** Reads a window; undefined if the text is none. */
export function parseRenewalWindow(text: string): RenewalWindow | undefined {
  const digits = PERCENT.exec(text.trim())?.[1];
  if (digits === undefined) {
    const period = parsePeriod(text);
    return period && { period };
  }
  const percent = Number(digits);
  return percent >= 1 && percent <= 100 ? { percent } : undefined;
}

/**
 * From when on a certificate with this validity may be renewed.
 * @param window one that {@link parseRenewalWindow} can read; throws for any other
 */
export function renewableFrom(window: string, notBefore: Date, notAfter: Date): Date {
  const parsed = parseRenewalWindow(window);
  if (parsed === undefined) throw new Error(`"${window}" is no renewal window`);
  if ('period' in parsed) return before(notAfter, parsed.period);
  const validity = notAfter.getTime() - notBefore.getTime();
  return new Date(notAfter.getTime() - (validity * parsed.percent) / 100);
}
