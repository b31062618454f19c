import type { DeviceProfile } from './device-profile';

/** libscep. */
export const libscepProfile: DeviceProfile = {
  name: 'libscep',
  description:
    'For libscep, which cannot read a pending or refusing answer without content and leaves out an attribute.',
  // libscep refuses a SignedData without eContent whatever the pkiStatus.
  emptyContent: 'emptyOctetString',
  envelopedDataContentType: false,
  // libscep's messages have none; OpenSSL's cms command refuses them for that.
  missingContentTypeAttribute: true,
  selfSignedRenewalEnrols: false,
  signOnlyKeysCannotDecrypt: false,
};
