import type { DeviceProfile } from './device-profile';
import { genericProfile } from './generic';

/** OpenSCEP's client. */
export const openscepProfile: DeviceProfile = {
  ...genericProfile,
  name: 'openscep',
  description:
    "For OpenSCEP's client, whose first request has the number of a renewal: accepts MD5 and single DES, all that it has.",
  // It writes 17 by draft-nourse-scep-05, where that was the second version of a PKCSReq.
  selfSignedRenewalEnrols: true,
  aliasDefaults: {
    algorithms: {
      accept: {
        // It was made for that draft, and has nothing else. To choose the profile of a client that nobody keeps any more is
        // the choice of weak algorithms that the alias has to make.
        digests: ['md5', 'sha1', 'sha256', 'sha384', 'sha512'],
        ciphers: ['des', '3des', 'aes128', 'aes192', 'aes256'],
        minimumRsaBits: 1024,
      },
      reply: 'mirror',
    },
  },
  needs: { digests: ['md5'], ciphers: ['des'], keys: { types: ['rsa'] } },
};
