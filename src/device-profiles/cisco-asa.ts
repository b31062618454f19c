import type { DeviceProfile } from './device-profile';
import { genericProfile } from './generic';

/** Cisco ASA and Firepower Threat Defense. */
export const ciscoAsaProfile: DeviceProfile = {
  ...genericProfile,
  name: 'cisco-asa',
  description: 'For Cisco ASA and FTD: accepts SHA-1 and triple DES besides.',
  // Its parser is of the family of IOS-XE's, which was seen to read this form.
  emptyContent: 'emptyOctetString',
  aliasDefaults: {
    // The certificate that it signs with, and a renewal, say its host name whatever the subject is (OpenXPKI's enroll.rst).
    renewal: { ignoredSubjectAttributes: ['SERIALNUMBER', 'unstructuredName', 'unstructuredAddress'] },
    algorithms: {
      accept: {
        // From which release on it has SHA-2 and AES in SCEP is not documented.
        digests: ['sha1', 'sha256', 'sha384', 'sha512'],
        ciphers: ['3des', 'aes128', 'aes192', 'aes256'],
      },
    },
  },
  needs: { keys: { types: ['rsa'] }, plainHttp: true },
};
