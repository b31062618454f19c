import { createHash, hash } from 'node:crypto';

import { Oid } from './oid';

/** The digests of SCEP, by the names that node:crypto gives them. */
export const DIGEST_NAMES = ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'] as const;

/** One of {@link DIGEST_NAMES}. */
export type DigestName = (typeof DIGEST_NAMES)[number];

const LENGTHS: Readonly<Record<DigestName, number>> = {
  md5: 16,
  sha1: 20,
  sha224: 28,
  sha256: 32,
  sha384: 48,
  sha512: 64,
};

const byOid = new Map<string, DigestName>(DIGEST_NAMES.map((name) => [Oid[name], name]));

/** Dotted object identifier of a digest algorithm. */
export const digestOid = (name: DigestName): string => Oid[name];

/** The digest algorithm with this dotted object identifier, if it is one of ours. */
export const digestFromOid = (oid: string): DigestName | undefined => byOid.get(oid);

/** Length of the digest in bytes. */
export const digestLength = (name: DigestName): number => LENGTHS[name];

/** Digest over the concatenation of `parts`. */
export function digest(name: DigestName, ...parts: readonly Buffer[]): Buffer {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return hash(name, only, 'buffer');
  const state = createHash(name);
  for (const part of parts) state.update(part);
  return state.digest();
}
