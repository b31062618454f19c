import { Oid } from '../pki/x509/oid';
import type { DeviceProfile } from './device-profile';
import { genericProfile } from './generic';

/** Cisco's VPN client, versions 3 to 5. */
export const ciscoVpnClientProfile: DeviceProfile = {
  ...genericProfile,
  name: 'cisco-vpn-client',
  description:
    'For the old Cisco VPN client: accepts MD5 and single DES, and sends it the CA certificate with its own.',
  // The form of EJBCA's answers, which it is known to read.
  emptyContent: 'emptyOctetString',
  // It was made for gateways that cannot read the attribute.
  refusesDomainComponents: true,
  aliasDefaults: {
    // It takes no answer without the certificate of the CA (EJBCA's SCEP documentation).
    includeCaCertificate: 'issuer',
    // It works with the CA itself and with no RA (the same).
    caCertificateResponse: { singleCertificate: true },
    algorithms: {
      accept: {
        // It asks for no capabilities, which meant MD5 and DES in its day (draft-nourse-scep-11 appendix F). To choose this
        // profile by its name is the choice of weak algorithms that the alias has to make.
        digests: ['md5', 'sha1', 'sha256', 'sha384', 'sha512'],
        ciphers: ['des', '3des', 'aes128', 'aes192', 'aes256'],
        minimumRsaBits: 1024,
      },
      reply: 'mirror',
    },
    // Its CA Domain is the name of the CA, which is found in any case.
    caIdentifierPolicy: 'fallback',
  },
  needs: {
    digests: ['md5', 'sha1'],
    ciphers: ['des', '3des'],
    keys: { types: ['rsa'] },
    caCertificateInReply: 'required',
    // It wants one RA certificate for both, and finds the one to encrypt to only if that is for nothing else.
    raCertificates: ['none'],
    operationalMode: 'CA',
    unreadableAttributes: [Oid.domainComponent],
    plainHttp: true,
  },
};
