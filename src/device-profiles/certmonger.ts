import type { DeviceProfile } from './device-profile';

/** certmonger 0.79. */
export const certmongerProfile: DeviceProfile = {
  name: 'certmonger',
  description: 'For certmonger, which cannot read a pending or refusing answer without content.',
  // Without it certmonger 0.79.17 reports "PKCS7 no content" and neither polls nor shows the reason of a refusal.
  emptyContent: 'emptyOctetString',
  envelopedDataContentType: false,
  missingContentTypeAttribute: false,
  selfSignedRenewalEnrols: false,
  signOnlyKeysCannotDecrypt: false,
  needs: { keys: { types: ['rsa'] } },
};
