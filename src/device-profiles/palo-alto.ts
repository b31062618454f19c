import type { DeviceProfile } from './device-profile';
import { genericProfile } from './generic';

/** PAN-OS: GlobalProtect portals and the certificates of the devices themselves. */
export const paloAltoProfile: DeviceProfile = {
  ...genericProfile,
  name: 'palo-alto',
  description: 'For PAN-OS firewalls and GlobalProtect portals.',
  // The form of micromdm's server, with which it is known to work (github.com/micromdm/scep issue 105).
  emptyContent: 'emptyOctetString',
  aliasDefaults: {
    // CA-IDENT is a name that the administrator makes up.
    caIdentifierPolicy: 'fallback',
  },
};
