import type { FieldProblem } from '../common/checked-input';

/** The names of the kinds of challenge. */
export const CHALLENGE_KINDS = ['end-entity', 'static', 'approval'] as const;

/** One of {@link CHALLENGE_KINDS}. */
export type ChallengeKindName = (typeof CHALLENGE_KINDS)[number];

/** What authenticates the requests of an alias, and the settings of each kind. Secrets are masked. */
export interface ChallengeSettings {
  readonly kind: ChallengeKindName;
  /** The one challengePassword of all requests, for the kind `static` in CA mode. */
  readonly password: string;
}

/** What a field is when it is not given. */
export const CHALLENGE_DEFAULTS: ChallengeSettings = { kind: 'end-entity', password: '' };

/**
 * What keeps these settings from authenticating anybody, by the name of the field: nothing may be served without an
 * authenticator (docs/alias-settings.md).
 * @param settings whole, with masked secrets: an empty one is not set
 */
export function missingAuthenticator({ kind, password }: ChallengeSettings): FieldProblem[] {
  if (kind === 'static' && password === '')
    return [{ field: 'challenge.password', message: 'must be set where challenge.kind is static' }];
  return [];
}
