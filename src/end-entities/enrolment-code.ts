/** Longest enrolment code in characters: PKCS #9 lets a challengePassword have 255. */
export const MAX_ENROLMENT_CODE = 255;

/**
 * What an enrolment code's verifier is bound to, so that equal codes have different verifiers. The id, unlike the user
 * name, never changes.
 */
export const enrolmentCodeContext = (endEntityId: string): string => `enrolment-code:${endEntityId}`;
