import type { ErrorCode } from '../common/error-code';
import type { FieldProblem } from '../common/checked-input';
import type { ServiceError } from '../common/service-error';

/** Media type of a {@link Problem}. */
export const PROBLEM_TYPE = 'application/problem+json';

/** Problem details for HTTP APIs (RFC 9457). */
export interface Problem {
  /** A URN that ends in the error code. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** What the administrator is told besides, where there is more to say. */
  readonly explanation?: string;
  /** The fields that are wrong, if it is about input. */
  readonly errors?: readonly FieldProblem[];
}

/** HTTP status and title of every reason; a new one does not compile before it has a row. */
const PROBLEMS = {
  'alias-not-found': { status: 404, title: 'No such alias' },
  'operation-not-supported': { status: 400, title: 'Operation not supported' },
  'method-not-allowed': { status: 405, title: 'Method not allowed' },
  'not-a-pki-message': { status: 400, title: 'Not a SCEP message' },
  'message-too-large': { status: 413, title: 'Too large' },
  'no-next-ca-certificate': { status: 404, title: 'No next CA certificate' },
  'malformed-message': { status: 400, title: 'Malformed message' },
  'message-type-not-supported': { status: 400, title: 'Message type not supported' },
  'bad-signature': { status: 400, title: 'Bad signature' },
  'envelope-unreadable': { status: 400, title: 'Unreadable envelope' },
  'bad-proof-of-possession': { status: 400, title: 'Bad proof of possession' },
  'signer-key-mismatch': { status: 400, title: 'Signed with another key' },
  'algorithm-not-allowed': { status: 422, title: 'Algorithm not allowed' },
  'key-not-allowed': { status: 422, title: 'Key not allowed' },
  'signing-time-skewed': { status: 400, title: 'Signing time out of range' },
  'challenge-rejected': { status: 403, title: 'Challenge rejected' },
  'renewal-refused': { status: 403, title: 'Renewal refused' },
  'request-refused': { status: 422, title: 'Request refused' },
  'approval-rejected': { status: 409, title: 'Approval rejected' },
  'transaction-unknown': { status: 404, title: 'No such transaction' },
  'certificate-unknown': { status: 404, title: 'No such certificate' },
  'challenge-unavailable': { status: 503, title: 'Challenge not available' },
  'alias-unavailable': { status: 503, title: 'Alias not available' },
  'authority-unavailable': { status: 503, title: 'Authority not available' },
  'outcome-unknown': { status: 503, title: 'Outcome unknown' },
  overloaded: { status: 503, title: 'Overloaded' },
  internal: { status: 500, title: 'Internal error' },
  unauthenticated: { status: 401, title: 'Not authenticated' },
  forbidden: { status: 403, title: 'Forbidden' },
  'invalid-input': { status: 400, title: 'Invalid input' },
  'not-found': { status: 404, title: 'Not found' },
  'already-exists': { status: 409, title: 'Already exists' },
  'in-use': { status: 409, title: 'In use' },
  conflict: { status: 409, title: 'Conflict' },
} as const satisfies Record<ErrorCode, { readonly status: number; readonly title: string }>;

/** The problem that tells the administrator of an error. */
export function problemOf(error: ServiceError): Problem {
  const { status, title } = PROBLEMS[error.code];
  return {
    type: `urn:scep-gateway:problem:${error.code}`,
    title,
    status,
    detail: error.publicDetail,
    ...(error.explanation === undefined ? {} : { explanation: error.explanation }),
    ...(error.fields.length === 0 ? {} : { errors: error.fields }),
  };
}

/** What HTTP itself can find wrong with a request. Its own texts may repeat what was sent, so ours are used. */
const HTTP_PROBLEMS: Readonly<Record<number, { readonly title: string; readonly detail: string }>> = {
  400: { title: 'Bad request', detail: 'the request cannot be read: the body must be JSON in UTF-8' },
  404: { title: 'Not found', detail: 'there is nothing at this path for this method' },
  413: { title: 'Too large', detail: 'the body is too large' },
  415: { title: 'Unsupported media type', detail: 'the body must be application/json in UTF-8, not compressed' },
  429: { title: 'Too many attempts', detail: 'too many failed attempts from this address, try again later' },
};

/** The problem for an HTTP status that no ServiceError stands behind. */
export function httpProblem(status: number): Problem {
  const known = HTTP_PROBLEMS[status] ?? { title: 'Request refused', detail: 'the request cannot be carried out' };
  return { type: 'about:blank', status, ...known };
}
