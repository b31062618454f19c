import type { DeviceProfile } from './device-profile';

/** PyScep 0.0.14. */
export const pyscepProfile: DeviceProfile = {
  name: 'pyscep',
  description: 'For PyScep, which cannot read a pending or refusing answer without content.',
  // PyScep 0.0.14 parses the content of every CertRep before it looks at pkiStatus.
  emptyContent: 'emptyOctetString',
  envelopedDataContentType: false,
  missingContentTypeAttribute: false,
  selfSignedRenewalEnrols: false,
  signOnlyKeysCannotDecrypt: false,
};
