import type { DeviceProfile } from './device-profile';
import { genericProfile } from './generic';

/** strongSwan's `pki --scep`, from 5.9.8 on. */
export const strongswanProfile: DeviceProfile = {
  ...genericProfile,
  name: 'strongswan',
  description: 'For strongSwan: shows it the self-signed root, without which it saves nothing.',
  // strongSwan reads either form.
  emptyContent: 'absent',
  aliasDefaults: {
    // `pki --scepca` writes no file unless the root is among the certificates.
    caCertificateResponse: { chain: true, includeRoot: true },
  },
  needs: { capabilities: ['SHA-256', 'AES'], keys: { types: ['rsa'] }, root: true },
};
