import { ServiceError } from '../common/service-error';
import type { DistinguishedName } from '../pki/x509/distinguished-name';
import { Oid } from '../pki/x509/oid';

/** Where a user name is looked for, in this order: devices without a CN send one of the others (row I-30). */
export const USERNAME_ATTRIBUTES: readonly string[] = [Oid.commonName, Oid.serialNumber, Oid.unstructuredName];

/**
 * The user name a request stands for: its CN up to the first blank, else its serialNumber, else its unstructuredName.
 * @throws ServiceError `request-refused` when the subject has none of them
 */
export function requestedUsername(subject: DistinguishedName): string {
  for (const attribute of USERNAME_ATTRIBUTES) {
    const username = subject.first(attribute)?.trim().split(/\s/, 1)[0];
    // A NUL cannot be stored as text by PostgreSQL, so no end entity has such a name.
    if (username !== undefined && username !== '' && !username.includes('\0')) return username;
  }
  throw new ServiceError(
    'request-refused',
    'the subject names no user: it needs a CN, a serialNumber or an unstructuredName',
    {
      rule: 'request.username',
    },
  );
}
