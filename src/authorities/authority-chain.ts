import { ServiceError } from '../common/service-error';
import { DerError } from '../pki/der/der-error';
import type { Certificate } from '../pki/x509/certificate';
import { buildChain, isIssuedBy } from '../pki/x509/certificate-chain';
import { readBasicConstraints } from '../pki/x509/extension';
import { Oid } from '../pki/x509/oid';
import type { PublicKey } from '../pki/x509/public-key';

/** A CA certificate and those above it, each checked. */
export interface VerifiedChain {
  readonly certificate: Certificate;
  /** Issuer first, root last; empty for a root. */
  readonly chain: Certificate[];
}

/**
 * Picks the CA certificate of a key out of `certificates` and verifies its way up to a self-signed root: signatures,
 * validity, basicConstraints, path lengths and keyUsage (RFC 5280 section 6.1, without names and policies). Throws
 * {@link ServiceError} (`invalid-input`) which says what is wrong with which certificate.
 *
 * @param certificates in any order
 * @param key the public half of the authority's key
 * @param field what the fields of the error are called after
 * @param validity `begins`: the certificate may be one of the future, and its chain must hold from when it begins
 */
export function verifyAuthorityChain(
  certificates: readonly Certificate[],
  key: PublicKey,
  now: Date,
  field: string,
  validity: 'begun' | 'begins' = 'begun',
): VerifiedChain {
  const refuse = (message: string): never => {
    throw new ServiceError('invalid-input', `the certificate is refused: ${message}`, {
      rule: 'authority.certificate',
      fields: [{ field, message }],
    });
  };
  try {
    const certificate =
      newest(certificates.filter((candidate) => candidate.spki.equals(key.spki) || candidate.publicKey.equals(key))) ??
      refuse('none of the certificates belongs to the private key');
    const path = buildChain(certificate, certificates);
    const { notBefore } = certificate;
    const problem = problemOf(path, validity === 'begins' && notBefore > now ? notBefore : now);
    if (problem !== undefined) refuse(problem);
    return { certificate, chain: path.slice(1) };
  } catch (error) {
    if (error instanceof DerError) return refuse(error.message);
    throw error;
  }
}

/** The first thing that is wrong with a path of signatures that verify, leaf first; undefined where nothing is. */
function problemOf(path: readonly Certificate[], now: Date): string | undefined {
  for (const [index, certificate] of path.entries()) {
    const name = `"${certificate.subject.toString()}"`;
    if (!mayCertify(certificate)) return `${name} is not the certificate of a CA`;
    if (now < certificate.notBefore) return `${name} is not valid yet`;
    if (now > certificate.notAfter) return `${name} has expired`;
    if (subordinatesBelow(path, index) > (pathLength(certificate) ?? Infinity))
      return `${name} does not allow so many CAs below it`;
    if (index === path.length - 1 && !isIssuedBy(certificate, certificate))
      return `no certificate of "${certificate.issuer.toString()}" is there that ${name} is signed by`;
  }
  return undefined;
}

function mayCertify(certificate: Certificate): boolean {
  return certificate.isCa && (certificate.keyUsage?.has('keyCertSign') ?? true);
}

function pathLength(certificate: Certificate): number | undefined {
  const value = certificate.extension(Oid.basicConstraints);
  return value === undefined ? undefined : readBasicConstraints(value).pathLength;
}

/** How many CA certificates that are not self-issued stand below this one (RFC 5280 section 6.1.4 l). */
const subordinatesBelow = (path: readonly Certificate[], index: number): number =>
  path.slice(0, index).filter((certificate) => !certificate.isSelfIssued).length;

const newest = (certificates: readonly Certificate[]): Certificate | undefined =>
  certificates.reduce<Certificate | undefined>(
    (best, candidate) => (best === undefined || candidate.notAfter > best.notAfter ? candidate : best),
    undefined,
  );
