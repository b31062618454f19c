/** The values of failInfo (RFC 8894 section 3.2.1.4). */
export const FAIL_INFO_NUMBERS = { badAlg: 0, badMessageCheck: 1, badRequest: 2, badTime: 3, badCertId: 4 } as const;

/** Name of a failInfo. */
export type FailInfo = keyof typeof FAIL_INFO_NUMBERS;

const BY_TEXT: ReadonlyMap<string, FailInfo> = new Map(
  Object.entries(FAIL_INFO_NUMBERS).map(([name, number]) => [String(number), name as FailInfo]),
);

/** The failInfo whose decimal text this is; undefined for any other text. */
export const failInfoFromText = (text: string): FailInfo | undefined => BY_TEXT.get(text);
