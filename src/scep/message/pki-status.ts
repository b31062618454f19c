/** The values of pkiStatus (RFC 8894 section 3.2.1.3). The number 1 has no meaning. */
export const PKI_STATUS_NUMBERS = { SUCCESS: 0, FAILURE: 2, PENDING: 3 } as const;

/** Name of a pkiStatus. */
export type PkiStatus = keyof typeof PKI_STATUS_NUMBERS;

const BY_TEXT: ReadonlyMap<string, PkiStatus> = new Map(
  Object.entries(PKI_STATUS_NUMBERS).map(([name, number]) => [String(number), name as PkiStatus]),
);

/** The pkiStatus whose decimal text this is; undefined for any other text. */
export const pkiStatusFromText = (text: string): PkiStatus | undefined => BY_TEXT.get(text);
