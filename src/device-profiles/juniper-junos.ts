import type { DeviceProfile } from './device-profile';
import { genericProfile } from './generic';

/** Juniper devices with Junos. */
export const juniperJunosProfile: DeviceProfile = {
  ...genericProfile,
  name: 'juniper-junos',
  description:
    'For Junos: sends no CA certificate with the issued one; accepts SHA-1 and triple DES, its own, besides.',
  // The form of EJBCA's and micromdm's answers; whether it reads the RFC's nobody has told.
  emptyContent: 'emptyOctetString',
  aliasDefaults: {
    // Juniper's parsers refuse an answer that has any other certificate than the device's own (EJBCA's SCEP documentation).
    includeCaCertificate: 'none',
    algorithms: {
      accept: {
        // An SRX has SHA-1 and triple DES for SCEP and nothing better (github.com/micromdm/scep issue 208).
        digests: ['sha1', 'sha256', 'sha384', 'sha512'],
        ciphers: ['3des', 'aes128', 'aes192', 'aes256'],
      },
    },
    // Its ca-identity often is the domain of the CA and no name of one.
    caIdentifierPolicy: 'fallback',
  },
  needs: {
    digests: ['sha1', 'md5'],
    ciphers: ['3des', 'des'],
    keys: { types: ['rsa'] },
    caCertificateInReply: 'forbidden',
  },
};
