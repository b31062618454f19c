/**
 * Why a client's operation did not come to an answer: the server could not be reached, or what it said is not SCEP. A
 * CertRep with FAILURE is an answer, not an error. The message may be shown.
 */
export class ScepClientError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ScepClientError';
  }
}
