import { decodePercent } from './raw-query';

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/**
 * The message bytes of a GET request. RFC 8894 section 4.1 wants percent-encoded base64, and clients send that with line
 * breaks (row I-04), without padding, in the base64url alphabet or escaped twice (row I-05), with `+`, `/` and `=`
 * unescaped or turned into blanks on the way (row I-03).
 * @param message the raw value from the request target
 * @returns undefined when it is no base64 even so, or empty
 */
export function decodeGetMessage(message: string): Buffer | undefined {
  let text = decodePercent(message);
  if (/%[0-9A-Fa-f]{2}/.test(text)) text = decodePercent(text);
  text = text
    .replace(/[\r\n\t]+/g, '')
    .replace(/[ -]/g, '+')
    .replace(/_/g, '/');
  // No base64 has this length, so the last character was a stray blank.
  if (text.length % 4 === 1) text = text.replace(/\+$/, '');
  if (text === '' || !BASE64.test(text)) return undefined;
  return Buffer.from(text, 'base64');
}
