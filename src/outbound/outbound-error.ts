/**
 * What went wrong with a request to another service:
 * - `url`: what was given is no URL that may be asked
 * - `refused-address`: the name leads to an address that must not be reached
 * - `unknown-name`: the name leads nowhere
 * - `connection`: no connection, no trust in the certificate, or an answer that broke off
 * - `proxy`: the proxy would not let it through
 * - `timeout`: no whole answer in time
 * - `redirect`: the answer leads elsewhere, which is never followed
 * - `status`: an HTTP status that is no success
 * - `too-large`, `malformed`: the answer itself
 */
export type OutboundFault =
  | 'url'
  | 'refused-address'
  | 'unknown-name'
  | 'connection'
  | 'proxy'
  | 'timeout'
  | 'redirect'
  | 'status'
  | 'too-large'
  | 'malformed';

/**
 * Why another service gave no answer that can be used. The message names neither credentials, nor query, nor anything of
 * what was sent or answered: it may be logged and shown to an administrator.
 */
export class OutboundError extends Error {
  /**
   * @param fault which kind of failure
   * @param message one clause for the administrator, without a full stop
   * @param status the HTTP status where there was one
   */
  constructor(
    readonly fault: OutboundFault,
    message: string,
    readonly status?: number,
  ) {
    super(message);
    this.name = 'OutboundError';
  }
}
