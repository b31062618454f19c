// PostgreSQL stores neither U+0000 nor half a surrogate pair.
const UNSTORABLE = /\0|\p{Surrogate}/gu;

/** Whether a text can be stored as it is. */
export const isStorable = (text: string): boolean => text.search(UNSTORABLE) < 0;

/** The text with U+FFFD in place of what cannot be stored. */
export const asStorable = (text: string): string => text.replace(UNSTORABLE, '\uFFFD');
