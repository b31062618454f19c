import { DerError } from '../pki/der/der-error';
import { DistinguishedName } from '../pki/x509/distinguished-name';

/**
 * Whether two names are the same, in either order: EJBCA writes the common name first, whatever the order in the certificate
 * is. A text that is no name is the same as none.
 */
export function sameName(one: string, other: string): boolean {
  try {
    const name = DistinguishedName.parse(one);
    const candidate = DistinguishedName.parse(other);
    return name.equals(candidate) || name.equals(reversed(candidate));
  } catch (error) {
    if (error instanceof DerError) return false;
    throw error;
  }
}

const reversed = (name: DistinguishedName): DistinguishedName =>
  DistinguishedName.of([...name.rdns].reverse().map((rdn) => rdn.map(({ oid, value }) => ({ oid, value }))));
