import { certmongerProfile } from './certmonger';
import { cryptlibProfile } from './cryptlib';
import type { DeviceProfile } from './device-profile';
import { genericProfile } from './generic';
import { libscepProfile } from './libscep';
import { openscepProfile } from './openscep';
import { pyscepProfile } from './pyscep';
import { xipkiProfile } from './xipki';

/** Name of the profile of an alias that names none. */
export const DEFAULT_DEVICE_PROFILE = genericProfile.name;

/** All device profiles, in the order of their names. */
export const DEVICE_PROFILES: readonly DeviceProfile[] = [
  certmongerProfile,
  cryptlibProfile,
  genericProfile,
  libscepProfile,
  openscepProfile,
  pyscepProfile,
  xipkiProfile,
].map((profile) => Object.freeze(profile));

const byName = new Map(DEVICE_PROFILES.map((profile) => [profile.name, profile]));

/** The profile of that name (case-sensitive), or undefined. */
export function findDeviceProfile(name: string): DeviceProfile | undefined {
  return byName.get(name);
}

/** The profile of that name, which was checked when it was stored; throws if this version has it no more. */
export function getDeviceProfile(name: string): DeviceProfile {
  const profile = findDeviceProfile(name);
  if (profile === undefined) throw new Error(`this version has no device profile ${name}`);
  return profile;
}
