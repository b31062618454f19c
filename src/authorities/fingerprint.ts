import type { Certificate } from '../pki/x509/certificate';
import type { DigestName } from '../pki/x509/digest-name';
import { fingerprintText } from '../pki/x509/fingerprint';

/** Fingerprints that a network engineer compares with what a device shows. */
export interface Fingerprints {
  readonly sha256: string;
  readonly sha1: string;
  readonly md5: string;
}

/** Digests of the whole certificate as upper-case hexadecimal pairs with colons. */
export function fingerprints(certificate: Certificate): Fingerprints {
  const text = (digest: DigestName): string => fingerprintText(certificate, digest);
  return { sha256: text('sha256'), sha1: text('sha1'), md5: text('md5') };
}
