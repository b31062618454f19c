import type { DeviceProfile } from './device-profile';

/** What RFC 8894 says. Right for every client that no other profile names. */
export const genericProfile: DeviceProfile = {
  name: 'generic',
  description: 'Follows RFC 8894. For every device that no other profile names.',
  // RFC 8894 section 3.3.2; sscep, micromdm, strongSwan, jscep and xipki take it, cryptlib takes nothing else.
  emptyContent: 'absent',
  envelopedDataContentType: false,
  missingContentTypeAttribute: false,
  selfSignedRenewalEnrols: false,
  signOnlyKeysCannotDecrypt: false,
  unstructuredNamesAsAltNames: false,
  repeatsSenderNonce: false,
  refusesDomainComponents: false,
  aliasDefaults: {},
};
