import type { DeviceProfile } from './device-profile';
import { genericProfile } from './generic';

/** sscep. */
export const sscepProfile: DeviceProfile = {
  ...genericProfile,
  name: 'sscep',
  description: 'For sscep, as long as it has not been told to use MD5 or DES.',
  // sscep reads either form.
  emptyContent: 'absent',
  aliasDefaults: {
    // It names the CA CAIdentifier unless told otherwise.
    caIdentifierPolicy: 'fallback',
  },
  needs: { keys: { types: ['rsa'] }, plainHttp: true },
};
