import type { DeviceProfile } from './device-profile';
import { genericProfile } from './generic';

/** Windows' own client (the ClientCertificateInstall CSP). */
export const windowsProfile: DeviceProfile = {
  ...genericProfile,
  name: 'windows',
  description: 'For Windows devices, whatever MDM server tells them to enrol: shows them the whole chain.',
  // The form in which EJBCA, step-ca and micromdm's server answer, whose fleets are made of these devices.
  emptyContent: 'emptyOctetString',
  aliasDefaults: {
    // CAThumbprint is that of the root, and has to be found among what GetCACert shows.
    caCertificateResponse: { chain: true, includeRoot: true },
    // It names the CA `default`, and cannot be told otherwise (github.com/fleetdm/fleet issue 53703).
    caIdentifierPolicy: 'fallback',
  },
  needs: { keys: { types: ['rsa'] }, root: true, caIdentifier: 'default' },
};
