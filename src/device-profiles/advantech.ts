import type { DeviceProfile } from './device-profile';
import { genericProfile } from './generic';

/** The router app SCEP Client of Advantech. */
export const advantechProfile: DeviceProfile = {
  ...genericProfile,
  name: 'advantech',
  description: 'For Advantech routers with the router app SCEP Client, which is sscep.',
  // sscep reads either form.
  emptyContent: 'absent',
  aliasDefaults: {
    // It names the CA CAIdentifier unless told otherwise.
    caIdentifierPolicy: 'fallback',
  },
  needs: { keys: { types: ['rsa'] }, plainHttp: true },
};
