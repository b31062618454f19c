import type { DeviceProfile } from './device-profile';
import { genericProfile } from './generic';

/** Juniper NetScreen with ScreenOS. */
export const juniperNetscreenProfile: DeviceProfile = {
  ...genericProfile,
  name: 'juniper-netscreen',
  description:
    'For NetScreen and ScreenOS: sends no CA certificate with the issued one; accepts SHA-1 and triple DES besides.',
  // The form of EJBCA's answers, with which it is known to work.
  emptyContent: 'emptyOctetString',
  aliasDefaults: {
    // It refuses an answer that has any other certificate than its own (EJBCA's SCEP documentation).
    includeCaCertificate: 'none',
    algorithms: {
      accept: {
        // ScreenOS was finished before SHA-2 and AES came into SCEP. What else it sends is not documented: an alias that has
        // to take MD5 or DES says so itself.
        digests: ['sha1', 'sha256', 'sha384', 'sha512'],
        ciphers: ['3des', 'aes128', 'aes192', 'aes256'],
      },
    },
    // Its CA IDENT is the name of the CA, which is found in any case.
    caIdentifierPolicy: 'fallback',
  },
  needs: { keys: { types: ['rsa'] }, caCertificateInReply: 'forbidden', plainHttp: true },
};
