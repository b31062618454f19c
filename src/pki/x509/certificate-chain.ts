import type { Certificate } from './certificate';
import { readAuthorityKeyIdentifier } from './extension';
import { Oid } from './oid';

/**
 * Whether `issuer` issued `certificate`: the names match, the key identifiers do where both have one, and the signature
 * is the issuer's. Nothing is said of validity or of the right to issue. Throws `DerError` for malformed certificates.
 */
export function isIssuedBy(certificate: Certificate, issuer: Certificate): boolean {
  if (!certificate.issuer.equals(issuer.subject)) return false;
  const extension = certificate.extension(Oid.authorityKeyIdentifier);
  const wanted = extension === undefined ? undefined : readAuthorityKeyIdentifier(extension);
  const present = issuer.subjectKeyIdentifier;
  if (wanted !== undefined && present !== undefined && !wanted.equals(present)) return false;
  return certificate.isSignedBy(issuer.publicKey);
}

/**
 * The chain from `leaf`, which is its first member, through issuers in `pool` towards a root, as far as the pool goes. It
 * ends at a certificate that signed itself, whatever the pool holds. Throws `DerError` for malformed certificates.
 */
export function buildChain(leaf: Certificate, pool: readonly Certificate[]): Certificate[] {
  const chain = [leaf];
  // Two authorities that certify each other make a circle: no certificate enters twice.
  const rest = new Set(pool.filter(({ der }) => !der.equals(leaf.der)));
  for (let last = leaf; !isIssuedBy(last, last);) {
    const next = [...rest].find((candidate) => isIssuedBy(last, candidate));
    if (next === undefined) break;
    rest.delete(next);
    chain.push(next);
    last = next;
  }
  return chain;
}
