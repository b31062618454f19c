import type { DeviceProfile } from './device-profile';
import { genericProfile } from './generic';

/** certmonger 0.79. */
export const certmongerProfile: DeviceProfile = {
  ...genericProfile,
  name: 'certmonger',
  description: 'For certmonger, which cannot read a pending or refusing answer without content.',
  // Without it certmonger 0.79.17 reports "PKCS7 no content" and neither polls nor shows the reason of a refusal.
  emptyContent: 'emptyOctetString',
  needs: { keys: { types: ['rsa'] } },
};
