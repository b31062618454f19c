import { DerError } from '../der/der-error';

/** One block of a PEM text. */
export interface PemBlock {
  /** What stands between BEGIN and the dashes, such as `CERTIFICATE`. */
  readonly label: string;
  readonly der: Buffer;
}

const MAX_TEXT = 4 * 1024 * 1024;

const BLOCK = /-----BEGIN ([A-Z0-9 #]{1,64})-----([^-]*)-----END ([A-Z0-9 #]{1,64})-----/g;

/**
 * The blocks of a PEM text (RFC 7468) in their order; what stands around them is passed over, as it is in files that
 * OpenSSL writes. A text without blocks yields none. Throws `DerError` for blocks that are broken or encrypted.
 */
export function readPem(text: string): PemBlock[] {
  if (text.length > MAX_TEXT) throw new DerError('PEM: text is too long');
  const blocks = [...text.matchAll(BLOCK)].map(([, label = '', body = '', endLabel]) => {
    if (label !== endLabel) throw new DerError('PEM: BEGIN and END differ');
    return { label, der: readBody(body) };
  });
  if (blocks.length !== text.split('-----BEGIN ').length - 1) throw new DerError('PEM: a block is not complete');
  return blocks;
}

function readBody(body: string): Buffer {
  if (body.includes(':')) throw new DerError('PEM: block has headers; decrypt the file first');
  const base64 = body.replace(/\s+/g, '');
  if (base64 === '' || base64.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(base64))
    throw new DerError('PEM: block is not base64');
  return Buffer.from(base64, 'base64');
}

/** PEM text of one block, with lines of 64 characters and a line feed at the end. */
export function pem(label: string, der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}
