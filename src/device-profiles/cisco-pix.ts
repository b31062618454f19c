import { Oid } from '../pki/x509/oid';
import type { DeviceProfile } from './device-profile';
import { genericProfile } from './generic';

/** Cisco PIX. */
export const ciscoPixProfile: DeviceProfile = {
  ...genericProfile,
  name: 'cisco-pix',
  description:
    'For Cisco PIX: accepts MD5, single DES and RSA keys of 1024 bits, and copies unstructured names into subjectAltNames.',
  // The form of EJBCA's answers, which it is known to read.
  emptyContent: 'emptyOctetString',
  // VPN clients connect only to a gateway whose certificate has its name as a dNSName (EJBCA's SCEP documentation).
  unstructuredNamesAsAltNames: true,
  // It does not know the attribute (the same).
  refusesDomainComponents: true,
  aliasDefaults: {
    // It works with the CA itself and with no RA (the same).
    caCertificateResponse: { singleCertificate: true },
    algorithms: {
      accept: {
        // Older software signs with MD5, and asks for no capabilities, which meant MD5 and DES in
        // its day (draft-nourse-scep-11 appendix F). To choose this profile by its name is the choice of weak algorithms that
        // the alias has to make.
        digests: ['md5', 'sha1', 'sha256', 'sha384', 'sha512'],
        ciphers: ['des', '3des', 'aes128', 'aes192', 'aes256'],
        // Its keys have 1024 bits: `ca generate rsa key 1024` (EJBCA's SCEP documentation).
        minimumRsaBits: 1024,
      },
      // Older software reads no answer but one that is signed with MD5 (EJBCA's SCEP documentation).
      reply: 'mirror',
    },
    // It sends the name of the CA in lower case, which is found in any case.
    caIdentifierPolicy: 'fallback',
  },
  needs: {
    digests: ['md5', 'sha1'],
    ciphers: ['des', '3des'],
    keys: { types: ['rsa'], largestRsaBits: 1024 },
    // Without both it neither verifies nor decrypts (EJBCA's SCEP documentation), as far as the next four.
    encryptionKeyUsage: ['keyEncipherment', 'dataEncipherment'],
    raCertificates: ['none'],
    lowerCasesCaName: true,
    unreadableAttributes: [Oid.domainComponent],
    port: 80,
    singleCertificate: true,
    plainHttp: true,
  },
};
