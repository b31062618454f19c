import type { Authority, Generation } from '../authorities/authority';
import { ServiceError } from '../common/service-error';
import type { DistinguishedName } from '../pki/x509/distinguished-name';
import type { PublicKey } from '../pki/x509/public-key';

/**
 * Refuses a certificate that could be taken for one of the authority's own: with its name the certificate would look like
 * a root and its CRLs like the CA's (RFC 5280 section 3.2, "self-issued"), and whoever has its key has no need of another
 * certificate for it.
 *
 * @throws ServiceError `request-refused` for its name, `key-not-allowed` for a key of it
 */
export function refuseAuthorityLikeness(authority: Authority, subject: DistinguishedName, publicKey: PublicKey): void {
  const { previous, current, next } = authority.generations;
  const generations = [current, previous, next].filter((generation) => generation !== undefined);
  if (generations.some(({ certificate }) => certificate.subject.equals(subject)))
    throw new ServiceError('request-refused', 'the subject is the name of the authority itself', {
      rule: 'request.authority-name',
    });
  if (generations.some((generation) => keysOf(generation).some((key) => key.equals(publicKey))))
    throw new ServiceError('key-not-allowed', 'the key is a key of the authority itself', {
      rule: 'request.authority-key',
    });
}

const keysOf = ({ certificate, raCertificates }: Generation): PublicKey[] =>
  [certificate, ...raCertificates].map(({ publicKey }) => publicKey);
