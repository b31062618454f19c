import type { DeviceProfile } from './device-profile';
import { genericProfile } from './generic';

/** Garderos routers. */
export const garderosProfile: DeviceProfile = {
  ...genericProfile,
  name: 'garderos',
  description: 'For Garderos routers, which embed sscep.',
  // sscep reads either form.
  emptyContent: 'absent',
  aliasDefaults: {
    // It names the CA CAIdentifier unless told otherwise.
    caIdentifierPolicy: 'fallback',
  },
  needs: { keys: { types: ['rsa'] }, plainHttp: true },
};
