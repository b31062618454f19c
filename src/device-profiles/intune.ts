import type { DeviceProfile } from './device-profile';
import { genericProfile } from './generic';

/** Devices that are managed by Microsoft Intune. */
export const intuneProfile: DeviceProfile = {
  ...genericProfile,
  name: 'intune',
  description: 'For devices that Intune manages: shows them the whole chain.',
  // The form in which EJBCA, step-ca and micromdm's server answer, whose fleets are made of these devices.
  emptyContent: 'emptyOctetString',
  aliasDefaults: {
    // Windows looks for the root of its trusted certificate profile, by thumbprint, among what GetCACert shows.
    caCertificateResponse: { chain: true, includeRoot: true },
    // Android's Company Portal names the CA `ca`, Windows `default`.
    caIdentifierPolicy: 'fallback',
  },
  needs: { root: true, cannotPoll: true },
};
