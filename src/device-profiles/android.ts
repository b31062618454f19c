import type { DeviceProfile } from './device-profile';
import { genericProfile } from './generic';

/** Android, by the agent of an MDM server. */
export const androidProfile: DeviceProfile = {
  ...genericProfile,
  name: 'android',
  description: 'For Android, whose agents mostly embed jSCEP.',
  // jSCEP reads either form; the RFC's is as good.
  emptyContent: 'absent',
  needs: { keys: { types: ['rsa'] } },
};
