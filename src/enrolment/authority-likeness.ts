import type { Authority, Generation } from '../authorities/authority';
import { ServiceError } from '../common/service-error';
import type { DistinguishedName } from '../pki/x509/distinguished-name';
import type { PublicKey } from '../pki/x509/public-key';

/**
 * Refuses a certificate that could be taken for one of an authority's own: with its name the certificate would look like
 * a root and its CRLs like the CA's (RFC 5280 section 3.2, "self-issued"), and whoever has its key has no need of another
 * certificate for it. The names of all authorities are looked at: those who trust one of them often trust the others.
 *
 * @param authorities all that there are
 * @throws ServiceError `request-refused` for such a name, `key-not-allowed` for such a key
 */
export function refuseAuthorityLikeness(
  authorities: Iterable<Authority>,
  subject: DistinguishedName,
  publicKey: PublicKey,
): void {
  for (const { generations } of authorities) {
    const { previous, current, next } = generations;
    const known = [current, previous, next].filter((generation) => generation !== undefined);
    if (known.some(({ certificate }) => certificate.subject.equals(subject)))
      throw new ServiceError('request-refused', 'the subject is the name of an authority', {
        rule: 'request.authority-name',
      });
    if (known.some((generation) => keysOf(generation).some((key) => key.equals(publicKey))))
      throw new ServiceError('key-not-allowed', 'the key is a key of an authority', {
        rule: 'request.authority-key',
      });
  }
}

const keysOf = ({ certificate, raCertificates }: Generation): PublicKey[] =>
  [certificate, ...raCertificates].map(({ publicKey }) => publicKey);
