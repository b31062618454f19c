import { pbkdf2 } from 'node:crypto';
import { promisify } from 'node:util';

import { DerError } from '../der/der-error';
import type { DerReader } from '../der/der-reader';
import { readSmallInteger } from '../der/der-values';
import { NULL, octetString, sequence, unsignedInteger } from '../der/der-writer';
import { Tag } from '../der/tag';
import { algorithmIdentifier, type AlgorithmIdentifier, readAlgorithmIdentifier } from './algorithm-identifier';
import type { DigestName } from './digest-name';
import { Oid } from './oid';

const derive = promisify(pbkdf2);

/** HMAC with these digests, as RFC 8018 appendix B.1 names it; there is none with MD5. */
const HMAC: Readonly<Record<string, DigestName | undefined>> = {
  [Oid.hmacWithSHA1]: 'sha1',
  [Oid.hmacWithSHA224]: 'sha224',
  [Oid.hmacWithSHA256]: 'sha256',
  [Oid.hmacWithSHA384]: 'sha384',
  [Oid.hmacWithSHA512]: 'sha512',
};

/** The digest of an HMAC with this object identifier; undefined for what is none of ours. */
export const hmacDigestFromOid = (oid: string): DigestName | undefined => HMAC[oid];

/** What turns a password into a key (RFC 8018 section 5.2). */
export interface Pbkdf2Parameters {
  readonly salt: Buffer;
  /** At least 1. How many are too many is for the reader's caller to say. */
  readonly iterations: number;
  /** HMAC with this digest. */
  readonly digest: DigestName;
}

/**
 * What a keyDerivationAlgorithm says (RFC 8018 appendix A.2); undefined for an algorithm, a salt or an HMAC that is not
 * ours. The length of the key that may stand there is passed over: it is the cipher's.
 *
 * @throws DerError for parameters that are none
 */
export function readPbkdf2(derivation: AlgorithmIdentifier, what: string): Pbkdf2Parameters | undefined {
  if (derivation.oid !== Oid.pbkdf2) return undefined;
  if (derivation.parameters === undefined) throw new DerError(`${what}: PBKDF2 without parameters`);
  const reader: DerReader = derivation.parameters.open(what);
  const salt = reader.next(what);
  const iterations = readSmallInteger(reader.next(what), `${what} iterations`);
  reader.optional(Tag.INTEGER, `${what} key length`);
  const digest = reader.atEnd ? 'sha1' : HMAC[readAlgorithmIdentifier(reader, what).oid];
  reader.finish(what);
  if (iterations === 0) throw new DerError(`${what}: no iterations`);
  if (salt.tag !== Tag.OCTET_STRING || digest === undefined) return undefined;
  return { salt: salt.content, iterations, digest };
}

const OIDS_OF_HMAC: ReadonlyMap<DigestName, string> = new Map(
  Object.entries(HMAC).flatMap(([oid, digest]) => (digest === undefined ? [] : [[digest, oid]])),
);

/** DER of the content of a keyDerivationAlgorithm: the two fields, without the tag, which differs from place to place. */
export function pbkdf2Algorithm({ salt, iterations, digest }: Pbkdf2Parameters): Buffer {
  const hmac = OIDS_OF_HMAC.get(digest);
  if (hmac === undefined) throw new RangeError(`there is no HMAC with ${digest}`);
  const parameters = sequence(octetString(salt), unsignedInteger(iterations), algorithmIdentifier(hmac, NULL));
  return algorithmIdentifier(Oid.pbkdf2, parameters);
}

/** PBKDF2 over the password in UTF-8, on the thread pool. */
export function derivePbkdf2(password: string, parameters: Pbkdf2Parameters, length: number): Promise<Buffer> {
  const { salt, iterations, digest } = parameters;
  return derive(password, salt, iterations, length, digest);
}
