import type { DeviceProfile } from './device-profile';
import { genericProfile } from './generic';

/** Cisco IOS 12 and the first releases of 15. */
export const ciscoIosLegacyProfile: DeviceProfile = {
  ...genericProfile,
  name: 'cisco-ios-legacy',
  description: 'For Cisco routers with IOS 12: accepts MD5 and single DES, which protect nothing any more.',
  // Its parser is that of IOS-XE, which was seen to read this form.
  emptyContent: 'emptyOctetString',
  aliasDefaults: {
    renewal: { ignoredSubjectAttributes: ['SERIALNUMBER', 'unstructuredName', 'unstructuredAddress'] },
    algorithms: {
      accept: {
        // A 2800 signs with MD5 and encrypts with single DES, whatever GetCACaps says (github.com/smallstep/certificates
        // issue 2100). To choose this profile by its name is the choice of weak algorithms that the alias has to make.
        digests: ['md5', 'sha1', 'sha256', 'sha384', 'sha512'],
        ciphers: ['des', '3des', 'aes128', 'aes192', 'aes256'],
        // Keys of 1024 bits were what `crypto key generate` proposed.
        minimumRsaBits: 1024,
      },
      // It cannot read a better digest than its own: E_ENCRYPT_ALG_NOT_SUPPORTED (github.com/jscep/jscep issue 97).
      reply: 'mirror',
    },
  },
  needs: { digests: ['md5', 'sha1'], ciphers: ['des', '3des'], keys: { types: ['rsa'] }, plainHttp: true },
};
