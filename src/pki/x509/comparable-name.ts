import { DistinguishedName } from './distinguished-name';
import type { GeneralName } from './general-name';

/**
 * A text that is the same for names that RFC 5280 calls equal (sections 7.1 to 7.5): domain names and the like do not know
 * letter case. For comparing, not for people.
 */
export function comparableName({ type, value }: GeneralName): string {
  switch (type) {
    case 'dns':
    case 'email':
    case 'upn':
      return `${type}:${value.toLowerCase()}`;
    case 'directoryName':
      return `${type}:${DistinguishedName.parse(value).normalised}`;
    default:
      return `${type}:${value}`;
  }
}
