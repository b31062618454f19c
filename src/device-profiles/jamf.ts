import type { DeviceProfile } from './device-profile';
import { genericProfile } from './generic';

/** Jamf Pro, for the devices that it manages and as their SCEP proxy. */
export const jamfProfile: DeviceProfile = {
  ...genericProfile,
  name: 'jamf',
  description: 'For Jamf Pro and the Apple devices that it manages.',
  // The form in which EJBCA, step-ca and micromdm's server answer, whose fleets are made of these devices.
  emptyContent: 'emptyOctetString',
  aliasDefaults: {
    // Among several it chooses by keyUsage, and fails (-67731) where a CA in between is not fit for encryption: the issuing
    // CA alone, with its RA certificate if it has one (github.com/openxpki/openxpki-config issue 14).
    caCertificateResponse: { chain: false },
  },
  needs: { keys: { types: ['rsa'] }, choosesByKeyUsage: true },
};
