import type { DeviceProfile } from './device-profile';
import { genericProfile } from './generic';

/** Cisco ISE as the registration authority of devices that people bring along. */
export const ciscoIseProfile: DeviceProfile = {
  ...genericProfile,
  name: 'cisco-ise',
  description: 'For Cisco ISE, which asks for certificates on behalf of many devices.',
  // The form of EJBCA's answers, with which it is known to work in RA mode.
  emptyContent: 'emptyOctetString',
  needs: { keys: { types: ['rsa'] } },
};
