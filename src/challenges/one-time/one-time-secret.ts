import type { RandomSource } from '../../common/random-source';
import { assertNever } from '../../common/assert-never';

/**
 * How a one-time challenge is written: `base64url`, 128 bits in 22 characters, is for programs; the others are what NDES
 * hands out, for clients whose field is as short as that: `hex16` 64 bits, `hex32` 128 bits, in upper-case digits.
 */
export const ONE_TIME_FORMATS = ['base64url', 'hex16', 'hex32'] as const;

/** One of {@link ONE_TIME_FORMATS}. */
export type OneTimeFormat = (typeof ONE_TIME_FORMATS)[number];

/**
 * What a one-time challenge's verifier is bound to. With the alias in it the same text is another challenge elsewhere, and
 * since nothing else is, it can be looked up by what a device sends.
 */
export const oneTimeContext = (aliasId: number): string => `one-time-challenge:${aliasId}`;

/** A fresh challenge, a secret. */
export function newOneTimeSecret(format: OneTimeFormat, random: RandomSource): string {
  switch (format) {
    case 'base64url':
      return random.bytes(16).toString('base64url');
    case 'hex16':
      return random.bytes(8).toString('hex').toUpperCase();
    case 'hex32':
      return random.bytes(16).toString('hex').toUpperCase();
    default:
      return assertNever(format);
  }
}
