import type { DeviceProfile } from './device-profile';
import { genericProfile } from './generic';

/** Workspace ONE UEM, formerly AirWatch. */
export const workspaceOneProfile: DeviceProfile = {
  ...genericProfile,
  name: 'workspace-one',
  description: 'For Workspace ONE UEM and the devices that it manages.',
  // The form in which EJBCA, step-ca and micromdm's server answer, whose fleets are made of these devices.
  emptyContent: 'emptyOctetString',
};
