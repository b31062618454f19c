import type { DeviceProfile } from './device-profile';
import { genericProfile } from './generic';

/** libscep. */
export const libscepProfile: DeviceProfile = {
  ...genericProfile,
  name: 'libscep',
  description:
    'For libscep, which cannot read a pending or refusing answer without content and leaves out an attribute.',
  // libscep refuses a SignedData without eContent whatever the pkiStatus.
  emptyContent: 'emptyOctetString',
  // libscep's messages have none; OpenSSL's cms command refuses them for that.
  missingContentTypeAttribute: true,
  // It takes the nonce that comes back for its own senderNonce, which micromdm's server repeats.
  repeatsSenderNonce: true,
  aliasDefaults: {
    algorithms: {
      accept: {
        // SHA-1 and triple DES are what it sends, whatever is offered.
        digests: ['sha1', 'sha256', 'sha384', 'sha512'],
        ciphers: ['3des', 'aes128', 'aes192', 'aes256'],
      },
    },
  },
};
