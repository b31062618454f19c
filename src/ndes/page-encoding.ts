import { assertNever } from '../common/assert-never';
import type { NdesEncoding } from '../aliases/ndes-settings';

/** A page as it is sent. */
export interface EncodedPage {
  readonly contentType: string;
  /** What the bytes are, whether the content type says so or not. */
  readonly charset: string;
  readonly body: Buffer;
}

const BYTE_ORDER_MARK = '\uFEFF';

/**
 * A page in the bytes that the alias's clients expect. Without a byte order mark the header names no charset either:
 * programs that take apart the bytes themselves would otherwise get them decoded once too often.
 */
export function encodePage(html: string, encoding: NdesEncoding): EncodedPage {
  switch (encoding) {
    case 'utf-16le-nobom':
      return { contentType: 'text/html', charset: 'utf-16le', body: Buffer.from(html, 'utf16le') };
    case 'utf-16le-bom':
      return named('utf-16', Buffer.from(BYTE_ORDER_MARK + html, 'utf16le'));
    case 'utf-8':
      return named('utf-8', Buffer.from(html, 'utf8'));
    default:
      return assertNever(encoding);
  }
}

const named = (charset: string, body: Buffer): EncodedPage => ({
  contentType: `text/html; charset=${charset}`,
  charset,
  body,
});
