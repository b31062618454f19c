import type { RandomSource } from '../common/random-source';

const PASSWORD_BYTES = 24;

/**
 * A new password: 192 bits as 32 characters that need no quoting in a shell, a URL or an MDM's form. Passwords are never
 * chosen by people, so an HMAC does as their verifier where a chosen one would need a slow hash.
 */
export function newRaAccountPassword(random: RandomSource): string {
  return random.bytes(PASSWORD_BYTES).toString('base64url');
}

/** What the verifier of a password is bound to. The id, unlike the name, never changes. */
export const raAccountPasswordContext = (id: number): string => `ra-account:${id}`;
