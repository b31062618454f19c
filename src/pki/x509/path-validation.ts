import { webcrypto } from 'node:crypto';
import type { Certificate } from './certificate';

/** A certificate and what may lead from it to somebody who is trusted. */
export interface CertificationPath {
  readonly leaf: Certificate;
  /** Certificates of issuers that came along with it, in any order; nobody vouches for them. */
  readonly others: readonly Certificate[];
  /** Who is trusted. */
  readonly anchors: readonly Certificate[];
  /** The time at which all of the path is to be valid. */
  readonly at: Date;
}

/** More than any maker of devices needs between a device and its root. */
const MAX_OTHERS = 10;

/**
 * Whether a path leads from the certificate to a trusted one (RFC 5280 section 6.1: signatures, times, basicConstraints,
 * path lengths, keyUsage, name constraints), by PKI.js. Revocation is not looked at.
 *
 * @returns undefined if one does, else why not, for the administrator
 */
export async function pathProblem({ leaf, others, anchors, at }: CertificationPath): Promise<string | undefined> {
  if (others.length > MAX_OTHERS) return `it came with more than ${MAX_OTHERS} other certificates`;
  // Only aliases that trust others' authorities need PKI.js: it takes its time to load.
  const pkijs = await import('pkijs');
  const engine = new pkijs.CryptoEngine({ name: 'node', crypto: webcrypto });
  const read = ({ der }: Certificate) => pkijs.Certificate.fromBER(new Uint8Array(der));
  try {
    const { result, resultMessage } = await new pkijs.CertificateChainValidationEngine({
      trustedCerts: anchors.map(read),
      // The last one is the one in question.
      certs: [...others.filter(({ der }) => !der.equals(leaf.der)), leaf].map(read),
      checkDate: at,
    }).verify({}, engine);
    return result ? undefined : resultMessage;
  } catch (error) {
    // What a stranger sent can be odd in any part.
    return `it cannot be read: ${error instanceof Error ? error.message : 'no reason given'}`;
  }
}
