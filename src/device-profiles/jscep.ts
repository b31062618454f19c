import type { DeviceProfile } from './device-profile';
import { genericProfile } from './generic';

/** jSCEP. */
export const jscepProfile: DeviceProfile = {
  ...genericProfile,
  name: 'jscep',
  description: 'For programs that use jSCEP.',
  // jSCEP reads either form; the RFC's is as good.
  emptyContent: 'absent',
  needs: { keys: { types: ['rsa'] } },
};
