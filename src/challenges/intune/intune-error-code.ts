/** What one of the service's error codes means, for the administrator. */
export interface IntuneCodeMeaning {
  /** What the service found, one clause. */
  readonly meaning: string;
  /** Where to look, one clause. */
  readonly remedy: string;
}

/** A device has to fetch its profile anew to get another challenge, which it does by itself. */
const NEW_CHALLENGE =
  'let the device synchronise, which gives it a new challenge; if it goes on, compare the clocks of device and gateway';
const COMPARE_PROFILE = 'compare the SCEP profile with what the device asks for, both stand in the request log';
const CHANGED_ON_THE_WAY =
  'something between device and gateway, or a device profile in the service, sends another challenge than it was given';
const OTHER_DEVICE = 'a challenge was used that was given to another device or user: look at who sent this request';

/**
 * The codes by which the service refuses a request or a notification (github.com/microsoft/Intune-Resource-Access,
 * src/CsrValidation). docs/devices/intune.md has them as a table, which a test compares.
 */
export const INTUNE_CODES: Readonly<Record<string, IntuneCodeMeaning>> = {
  CertificateRequestDecodingFailed: {
    meaning: 'the service cannot read the PKCS #10 request',
    remedy:
      'look at the decoded request in the request log; another client than the one the profile is for may have sent it',
  },
  ChallengePasswordMissing: {
    meaning: 'the request has no challengePassword',
    remedy: 'the device was not given a SCEP profile by the service, or its client leaves the attribute out',
  },
  ChallengeDeserializationError: { meaning: 'the challenge is none of the service', remedy: CHANGED_ON_THE_WAY },
  ChallengeDecryptionError: {
    meaning: 'the challenge cannot be decrypted, so it is of another tenant or was changed',
    remedy: 'compare challenge.intune.tenant with the tenant that manages the device',
  },
  ChallengeDecodingError: { meaning: 'the challenge is no base64', remedy: CHANGED_ON_THE_WAY },
  ChallengeInvalidTimestamp: { meaning: 'the time in the challenge makes no sense', remedy: NEW_CHALLENGE },
  ChallengeExpired: { meaning: 'the challenge is too old, it lives for an hour', remedy: NEW_CHALLENGE },
  SubjectNameMissing: { meaning: 'the request has no subject', remedy: COMPARE_PROFILE },
  SubjectNameMismatch: { meaning: 'the subject is not the one of the profile', remedy: COMPARE_PROFILE },
  SubjectAltNameMissing: { meaning: 'the request lacks the subjectAltName of the profile', remedy: COMPARE_PROFILE },
  SubjectAltNameMismatch: { meaning: 'the subjectAltName is not the one of the profile', remedy: COMPARE_PROFILE },
  KeyUsageMismatch: { meaning: 'the key usage is not the one of the profile', remedy: COMPARE_PROFILE },
  KeyLengthMismatch: { meaning: 'the key has another size than the profile says', remedy: COMPARE_PROFILE },
  EnhancedKeyUsageMissing: {
    meaning: 'the request lacks the extended key usage of the profile',
    remedy: COMPARE_PROFILE,
  },
  EnhancedKeyUsageMismatch: {
    meaning: 'the extended key usage is not the one of the profile',
    remedy: COMPARE_PROFILE,
  },
  AadKeyIdentifierListMissing: {
    meaning: 'the directory knows no key of this device',
    remedy: 'see whether the device is registered in the directory, and let it register again',
  },
  RegisteredKeyMismatch: {
    meaning: 'the key of the request is not one that is registered for the device',
    remedy: 'see whether the device is registered in the directory, and let it register again',
  },
  SigningCertThumbprintMismatch: {
    meaning: 'the request is signed by another certificate than the service expects',
    remedy: 'remove old certificates of the profile from the device and let it synchronise',
  },
  ScepProfileNoLongerTargetedToTheClient: {
    meaning: 'the SCEP profile is not assigned to this device or user any more',
    remedy: 'assign the profile again, or take the device out of the group',
  },
  SignatureValidationFailed: {
    meaning: 'the signature of the request or of the challenge is wrong',
    remedy: CHANGED_ON_THE_WAY,
  },
  BadCertificateRequestIdInChallenge: { meaning: 'the challenge is for another request', remedy: OTHER_DEVICE },
  BadDeviceIdInChallenge: { meaning: 'the challenge is for another device', remedy: OTHER_DEVICE },
  BadUserIdInChallenge: { meaning: 'the challenge is for another user', remedy: OTHER_DEVICE },
  Unknown: {
    meaning: 'the service gives no reason',
    remedy: 'let the device synchronise; the service finds its reason under the activity id above',
  },
};

/** What the service calls success. */
export const INTUNE_SUCCESS = 'Success';

/** What a code means; one that is not known is told as one. */
export const intuneCodeMeaning = (code: string): IntuneCodeMeaning =>
  (Object.hasOwn(INTUNE_CODES, code) ? INTUNE_CODES[code] : undefined) ?? {
    meaning: 'a code that this version of the gateway does not know',
    remedy: "look it up in the service's documentation",
  };
