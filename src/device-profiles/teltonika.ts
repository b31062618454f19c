import type { DeviceProfile } from './device-profile';
import { genericProfile } from './generic';

/** Teltonika routers with RutOS. */
export const teltonikaProfile: DeviceProfile = {
  ...genericProfile,
  name: 'teltonika',
  description: 'For Teltonika routers, which embed sscep.',
  // sscep reads either form.
  emptyContent: 'absent',
  aliasDefaults: {
    // It names the CA CAIdentifier unless told otherwise.
    caIdentifierPolicy: 'fallback',
  },
  needs: { keys: { types: ['rsa'] }, plainHttp: true },
};
