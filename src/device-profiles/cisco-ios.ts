import type { DeviceProfile } from './device-profile';
import { genericProfile } from './generic';

/** Cisco IOS 15. */
export const ciscoIosProfile: DeviceProfile = {
  ...genericProfile,
  name: 'cisco-ios',
  description: 'For Cisco routers and switches with IOS 15: accepts SHA-1 and triple DES besides.',
  // Its parser is that of IOS-XE, which was seen to read this form.
  emptyContent: 'emptyOctetString',
  aliasDefaults: {
    // As IOS-XE does: names of its own in each request.
    renewal: { ignoredSubjectAttributes: ['SERIALNUMBER', 'unstructuredName', 'unstructuredAddress'] },
    algorithms: {
      accept: {
        // Not each release knows AES and SHA-2 in SCEP. Not MD5 and single DES: those are for cisco-ios-legacy,
        // by its name, so that nobody gets them who has newer devices.
        digests: ['sha1', 'sha256', 'sha384', 'sha512'],
        ciphers: ['3des', 'aes128', 'aes192', 'aes256'],
      },
    },
  },
  needs: { keys: { types: ['rsa'] }, plainHttp: true },
};
