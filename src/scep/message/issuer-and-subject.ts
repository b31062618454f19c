import { sequence } from '../../pki/der/der-writer';
import type { DistinguishedName } from '../../pki/x509/distinguished-name';

/** DER of IssuerAndSubject (RFC 8894 section 3.3.3): the CA that is to issue, and who waits for its certificate. */
export const issuerAndSubject = (issuer: DistinguishedName, subject: DistinguishedName): Buffer =>
  sequence(issuer.raw, subject.raw);
