import type { TransportResponse } from './http-transport';
import { ScepClientError } from './scep-client-error';

/** A sentence for people, in characters that do nothing to a terminal. */
const SENTENCE = /^[\x20-\x7e]{1,200}$/;

/**
 * What to say of an answer that is not HTTP 200: the status and, where the server tells it in one line of plain text, the
 * reason.
 *
 * @param operation as in the query, such as GetCACert
 */
export function httpRefusal(operation: string, { status, contentType, body }: TransportResponse): ScepClientError {
  const told = contentType === 'text/plain' ? body.toString('latin1').trim() : '';
  const reason = SENTENCE.test(told) ? `: ${told}` : '';
  return new ScepClientError(`${operation} was answered with HTTP ${status}${reason}`);
}
