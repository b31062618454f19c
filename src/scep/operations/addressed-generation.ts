import type { Alias } from '../../aliases/alias';
import type { Authority, Generation, ScepDecrypter } from '../../authorities/authority';
import { announcedGeneration } from './next-ca-certificates';

/** One key that may open an envelope, and what it means that it does. */
export interface AddressedGeneration extends ScepDecrypter {
  readonly authority: Authority;
  /** Whose key it is; whoever encrypts to it expects an answer that is signed by it. */
  readonly addressed: Generation;
  /** Which issues what is asked for: the next one for itself (row D-04), else the current one. */
  readonly generation: Generation;
}

/**
 * All that a message may be encrypted to at `now`: of each authority the current generation, the next one where the alias
 * tells its devices of it, and the previous one while it still opens late messages (row I-17). In this order, for where a
 * message names none of them, the first whose key opens it is taken to be meant.
 */
export function addressedGenerations(
  alias: Alias,
  authorities: readonly Authority[],
  now: Date,
): AddressedGeneration[] {
  const present = authorities.flatMap((authority) => recipients(authority, authority.generations.current));
  const coming = authorities.flatMap((authority) => {
    const next = announcedGeneration(alias, authority);
    return next === undefined ? [] : recipients(authority, next, next);
  });
  const late = authorities.flatMap((authority) => {
    const { previous } = authority.generations;
    return previous === undefined || now >= previous.opensUntil ? [] : recipients(authority, previous);
  });
  return [...present, ...coming, ...late];
}

const recipients = (
  authority: Authority,
  addressed: Generation,
  generation: Generation = authority.generations.current,
): AddressedGeneration[] =>
  addressed.scepDecrypters.map((decrypter) => ({ ...decrypter, authority, addressed, generation }));
