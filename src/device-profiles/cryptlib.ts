import type { DeviceProfile } from './device-profile';
import { genericProfile } from './generic';

/** cryptlib's client with keys that only sign. */
export const cryptlibProfile: DeviceProfile = {
  ...genericProfile,
  name: 'cryptlib',
  description: 'For cryptlib with RSA keys that may only sign: it reads no answer but one encrypted with its password.',
  // It takes no empty OCTET STRING.
  emptyContent: 'absent',
  // It says so by the keyUsage of the certificate that it signs for itself, and never tries the key.
  signOnlyKeysCannotDecrypt: true,
  needs: {
    capabilities: ['SCEPStandard'],
    encryptionKeyUsage: ['keyEncipherment'],
  },
};
