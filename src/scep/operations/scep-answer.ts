import type { ErrorCode } from '../../common/error-code';
import type { FailInfo } from '../message/fail-info';

/** How a device is told of an error: by a CertRep with a failInfo, or, where that is impossible or wrong, by HTTP alone. */
export type ScepAnswer = { readonly failInfo: FailInfo } | { readonly httpStatus: number };

const badRequest: ScepAnswer = { failInfo: 'badRequest' };
const badMessageCheck: ScepAnswer = { failInfo: 'badMessageCheck' };
const badAlg: ScepAnswer = { failInfo: 'badAlg' };
const badCertId: ScepAnswer = { failInfo: 'badCertId' };

// A FAILURE ends the client's transaction for good; what is not its fault is answered so that it comes again.
const comeAgain: ScepAnswer = { httpStatus: 503 };

/**
 * The only table from error code to SCEP answer (RFC 8894 section 3.2.1.4, row H-07).
 */
const ANSWERS = {
  'alias-not-found': { httpStatus: 404 },
  'operation-not-supported': { httpStatus: 400 },
  'method-not-allowed': { httpStatus: 405 },
  'not-a-pki-message': { httpStatus: 400 },
  'message-too-large': { httpStatus: 413 },
  'no-next-ca-certificate': { httpStatus: 403 },
  'malformed-message': badRequest,
  'message-type-not-supported': badRequest,
  'bad-signature': badMessageCheck,
  'envelope-unreadable': badMessageCheck,
  'bad-proof-of-possession': badMessageCheck,
  // As for an envelope that cannot be opened, from which it must not be told (see `unproven`).
  'signer-key-mismatch': badMessageCheck,
  'algorithm-not-allowed': badAlg,
  'key-not-allowed': badRequest,
  'signing-time-skewed': { failInfo: 'badTime' },
  'challenge-rejected': badRequest,
  'renewal-refused': badRequest,
  'request-refused': badRequest,
  'approval-rejected': badRequest,
  'transaction-unknown': badCertId,
  'certificate-unknown': badCertId,
  'challenge-unavailable': comeAgain,
  'alias-unavailable': comeAgain,
  'authority-unavailable': comeAgain,
  'outcome-unknown': comeAgain,
  overloaded: comeAgain,
  internal: comeAgain,
  unauthenticated: { httpStatus: 401 },
  forbidden: { httpStatus: 403 },
  'invalid-input': badRequest,
  'not-found': { httpStatus: 404 },
  'already-exists': badRequest,
  'in-use': badRequest,
  conflict: badRequest,
} as const satisfies Record<ErrorCode, ScepAnswer>;

/** The answer to an error, by its code. */
export const scepAnswer = (code: ErrorCode): ScepAnswer => ANSWERS[code];
