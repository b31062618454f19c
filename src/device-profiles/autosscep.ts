import type { DeviceProfile } from './device-profile';
import { genericProfile } from './generic';

/** AutoSscep. */
export const autosscepProfile: DeviceProfile = {
  ...genericProfile,
  name: 'autosscep',
  description: 'For AutoSscep: sends the answers of the servers that it was made for.',
  // The form of EJBCA's answers, PENDING included, with which it is known to work.
  emptyContent: 'emptyOctetString',
  aliasDefaults: {
    // Its configuration names one certificate, CertFile, that answers are to be signed with.
    caCertificateResponse: { chain: false },
  },
  needs: { keys: { types: ['rsa'] }, raCertificates: ['none', 'single'], plainHttp: true },
};
