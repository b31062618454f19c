import type { DeviceProfile } from './device-profile';
import { genericProfile } from './generic';

/** MikroTik RouterOS. */
export const mikrotikProfile: DeviceProfile = {
  ...genericProfile,
  name: 'mikrotik',
  description: 'For MikroTik RouterOS: accepts SHA-1 and triple DES, the best that it has for SCEP.',
  // The form of micromdm's server, with which it is known to work.
  emptyContent: 'emptyOctetString',
  aliasDefaults: {
    algorithms: {
      accept: {
        // It uses SHA-1, triple DES and POST where they are offered, else MD5, DES and GET; AES never (MikroTik's manual).
        digests: ['sha1', 'sha256', 'sha384', 'sha512'],
        ciphers: ['3des', 'aes128', 'aes192', 'aes256'],
      },
    },
    // It names the CA DummyCAIdentity unless told otherwise.
    caIdentifierPolicy: 'fallback',
  },
  needs: { digests: ['sha1', 'md5'], ciphers: ['3des', 'des'], keys: { types: ['rsa'] } },
};
