import type { DeviceProfile } from './device-profile';
import { genericProfile } from './generic';

/** FortiGate with FortiOS. */
export const fortigateProfile: DeviceProfile = {
  ...genericProfile,
  name: 'fortigate',
  description: 'For FortiGate: shows it the issuing CA as one certificate.',
  // Its client is made from sscep by what its log says; sscep reads either form.
  emptyContent: 'absent',
  aliasDefaults: {
    // In the trace that Fortinet published (technical tip 262267) there is one CA certificate, taken for everything.
    caCertificateResponse: { chain: false },
  },
  needs: { keys: { types: ['rsa'] } },
};
