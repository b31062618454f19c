/** Why a certificate is revoked: names and numbers of CRLReason (RFC 5280 section 5.3.1). */
export const REVOCATION_REASONS = {
  unspecified: 0,
  keyCompromise: 1,
  cACompromise: 2,
  affiliationChanged: 3,
  superseded: 4,
  cessationOfOperation: 5,
  /** Revoked for the time being. */
  certificateHold: 6,
  /** No reason: it takes a certificateHold back. */
  removeFromCRL: 8,
  privilegeWithdrawn: 9,
  aACompromise: 10,
} as const;

/** Name of a reason. */
export type RevocationReason = keyof typeof REVOCATION_REASONS;

/** All names, in the order of their numbers. */
export const REVOCATION_REASON_NAMES = Object.keys(REVOCATION_REASONS) as RevocationReason[];

const byNumber = new Map<number, RevocationReason>(
  REVOCATION_REASON_NAMES.map((name) => [REVOCATION_REASONS[name], name]),
);

/** The name of a stored reason; throws if the number is none. */
export function revocationReasonName(number: number): RevocationReason {
  const name = byNumber.get(number);
  if (name === undefined) throw new Error(`no revocation reason has the number ${number}`);
  return name;
}
