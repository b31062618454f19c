/** What has become of a request that an officer was to decide. */
export const APPROVAL_STATES = ['waiting', 'approved', 'rejected', 'expired'] as const;

/** One of {@link APPROVAL_STATES}. */
export type ApprovalState = (typeof APPROVAL_STATES)[number];

/** What decides how an approval stands. */
export interface ApprovalStanding {
  readonly state: ApprovalState;
  readonly expiresAt: Date;
  /** How often the end entity had been put back to NEW when the request came, and by now; null: it is gone. */
  readonly endEntityEpoch: number;
  readonly presentEpoch: number | null;
}

/**
 * How an approval stands at a moment: its state, but
 * - `due` where its time is over and nobody has written that down yet: to devices and officers it is expired;
 * - `void` where the end entity is gone or was put back to NEW since: it can be neither approved nor waited for.
 */
export function standingOf(approval: ApprovalStanding, now: Date): ApprovalState | 'due' | 'void' {
  if (approval.state !== 'waiting') return approval.state;
  if (approval.presentEpoch !== approval.endEntityEpoch) return 'void';
  return approval.expiresAt > now ? 'waiting' : 'due';
}
