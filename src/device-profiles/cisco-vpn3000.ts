import { ciscoPixProfile } from './cisco-pix';
import type { DeviceProfile } from './device-profile';

/** Cisco's VPN 3000 concentrators, of which EJBCA's SCEP documentation tells the same as of PIX. */
export const ciscoVpn3000Profile: DeviceProfile = {
  ...ciscoPixProfile,
  name: 'cisco-vpn3000',
  description: 'For Cisco VPN 3000 concentrators: as cisco-pix.',
};
