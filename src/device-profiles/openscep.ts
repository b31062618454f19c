import type { DeviceProfile } from './device-profile';

/** OpenSCEP's client. */
export const openscepProfile: DeviceProfile = {
  name: 'openscep',
  description: "For OpenSCEP's client, whose first request has the number of a renewal.",
  emptyContent: 'absent',
  envelopedDataContentType: false,
  missingContentTypeAttribute: false,
  // It writes 17 by draft-nourse-scep-05, where that was the second version of a PKCSReq.
  selfSignedRenewalEnrols: true,
  signOnlyKeysCannotDecrypt: false,
  needs: { digests: ['md5'], ciphers: ['des'], keys: { types: ['rsa'] } },
};
