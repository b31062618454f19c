/**
 * Every reason for which a request to any door can be refused. The tables that turn a code into a SCEP answer
 * (`scep/operations/scep-answer.ts`) or an HTTP problem (`admin/problem.ts`) are exhaustive at compile time.
 */
export const ERROR_CODES = [
  // what came is no SCEP message, or asks for what does not exist here: HTTP errors
  'alias-not-found',
  'operation-not-supported',
  'method-not-allowed',
  'not-a-pki-message',
  'message-too-large',
  'no-next-ca-certificate',
  // a SCEP message that is refused: CertRep FAILURE
  'malformed-message',
  'message-type-not-supported',
  'bad-signature',
  'envelope-unreadable',
  'bad-proof-of-possession',
  'signer-key-mismatch',
  'algorithm-not-allowed',
  'key-not-allowed',
  'signing-time-skewed',
  'challenge-rejected',
  'renewal-refused',
  'request-refused',
  'approval-rejected',
  'transaction-unknown',
  'certificate-unknown',
  // the gateway cannot say: HTTP 503, no CertRep
  'alias-unavailable',
  'challenge-unavailable',
  'authority-unavailable',
  'outcome-unknown',
  'overloaded',
  'internal',
  // administration
  'unauthenticated',
  'forbidden',
  'invalid-input',
  'not-found',
  'already-exists',
  'in-use',
  'conflict',
] as const;

/** One of {@link ERROR_CODES}. */
export type ErrorCode = (typeof ERROR_CODES)[number];
