import { ServiceError } from '../common/service-error';
import { DerError } from '../pki/der/der-error';
import type { CertificationRequest } from '../pki/x509/certification-request';

/**
 * What a request says in one of its extensions; undefined where it has none of that type.
 * @param oid dotted
 * @param read the extension's value; throws DerError
 * @throws ServiceError `malformed-message`
 */
export function readRequested<T>(
  request: CertificationRequest,
  oid: string,
  read: (value: Buffer) => T,
): T | undefined {
  const extension = request.extensions.find((candidate) => candidate.oid === oid);
  if (extension === undefined) return undefined;
  try {
    return read(extension.value);
  } catch (cause) {
    if (!(cause instanceof DerError)) throw cause;
    throw new ServiceError('malformed-message', 'an extension of the request cannot be read', {
      rule: 'request.extensions',
      explanation: cause.message,
      cause,
    });
  }
}
