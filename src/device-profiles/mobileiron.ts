import type { DeviceProfile } from './device-profile';
import { genericProfile } from './generic';

/** MobileIron Core, now Ivanti EPMM. */
export const mobileironProfile: DeviceProfile = {
  ...genericProfile,
  name: 'mobileiron',
  description: 'For MobileIron and Ivanti: takes the CA identifier MobileIronSCEP, which they always send, for the CA.',
  // The form of EJBCA's answers, with which it is known to work.
  emptyContent: 'emptyOctetString',
  aliasDefaults: {
    // It names the CA MobileIronSCEP in each request, the first being GetCACaps; no CA has to be called so for that.
    caIdentifierPolicy: 'fallback',
  },
  needs: { caIdentifier: 'MobileIronSCEP' },
};
