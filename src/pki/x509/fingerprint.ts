import type { Certificate } from './certificate';
import type { DigestName } from './digest-name';

/** A certificate's fingerprint as people compare it: upper-case hexadecimal octets with colons between. */
export function fingerprintText(certificate: Certificate, digest: DigestName): string {
  const hex = certificate.fingerprint(digest).toString('hex').toUpperCase();
  return hex.replace(/(..)(?=.)/g, '$1:');
}
