import { advantechProfile } from './advantech';
import { androidProfile } from './android';
import { appleProfile } from './apple';
import { autosscepProfile } from './autosscep';
import { certmongerProfile } from './certmonger';
import { ciscoAsaProfile } from './cisco-asa';
import { ciscoIosProfile } from './cisco-ios';
import { ciscoIosLegacyProfile } from './cisco-ios-legacy';
import { ciscoIosXeProfile } from './cisco-ios-xe';
import { ciscoIseProfile } from './cisco-ise';
import { ciscoPixProfile } from './cisco-pix';
import { ciscoVpnClientProfile } from './cisco-vpn-client';
import { ciscoVpn3000Profile } from './cisco-vpn3000';
import { cryptlibProfile } from './cryptlib';
import type { DeviceProfile } from './device-profile';
import { fortigateProfile } from './fortigate';
import { garderosProfile } from './garderos';
import { genericProfile } from './generic';
import { intuneProfile } from './intune';
import { jamfProfile } from './jamf';
import { jscepProfile } from './jscep';
import { juniperJunosProfile } from './juniper-junos';
import { juniperNetscreenProfile } from './juniper-netscreen';
import { libscepProfile } from './libscep';
import { mikrotikProfile } from './mikrotik';
import { mobileironProfile } from './mobileiron';
import { openscepProfile } from './openscep';
import { paloAltoProfile } from './palo-alto';
import { pyscepProfile } from './pyscep';
import { sscepProfile } from './sscep';
import { strongswanProfile } from './strongswan';
import { teltonikaProfile } from './teltonika';
import { windowsProfile } from './windows';
import { workspaceOneProfile } from './workspace-one';
import { xipkiProfile } from './xipki';

/** Name of the profile of an alias that names none. */
export const DEFAULT_DEVICE_PROFILE = genericProfile.name;

/** All device profiles, in the order of their names. */
export const DEVICE_PROFILES: readonly DeviceProfile[] = [
  advantechProfile,
  androidProfile,
  appleProfile,
  autosscepProfile,
  certmongerProfile,
  ciscoAsaProfile,
  ciscoIosProfile,
  ciscoIosLegacyProfile,
  ciscoIosXeProfile,
  ciscoIseProfile,
  ciscoPixProfile,
  ciscoVpnClientProfile,
  ciscoVpn3000Profile,
  cryptlibProfile,
  fortigateProfile,
  garderosProfile,
  genericProfile,
  intuneProfile,
  jamfProfile,
  jscepProfile,
  juniperJunosProfile,
  juniperNetscreenProfile,
  libscepProfile,
  mikrotikProfile,
  mobileironProfile,
  openscepProfile,
  paloAltoProfile,
  pyscepProfile,
  sscepProfile,
  strongswanProfile,
  teltonikaProfile,
  windowsProfile,
  workspaceOneProfile,
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
