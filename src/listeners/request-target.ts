import type { IncomingMessage } from 'node:http';

/** What a request line asks for. */
export interface RequestTarget {
  /** Percent-decoded; begins with a slash. */
  readonly path: string;
  /** As it was sent, without the first question mark: `+`, `%2B` and further question marks are kept. */
  readonly query: string;
}

/**
 * Reads a request's target in origin-form (`/scep?...`) or absolute-form (`http://host/scep?...`), which clients send
 * that take the gateway for a proxy; RFC 9112 section 3.2.2 obliges a server to accept it.
 *
 * @returns undefined if the path is no percent-encoded UTF-8
 */
export function readRequestTarget(request: Pick<IncomingMessage, 'url'>): RequestTarget | undefined {
  const target = (request.url ?? '/').replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '').replace(/#.*$/s, '');
  const mark = target.indexOf('?');
  const rawPath = mark < 0 ? target : target.slice(0, mark);
  try {
    const path = decodeURIComponent(rawPath);
    return { path: path.startsWith('/') ? path : `/${path}`, query: mark < 0 ? '' : target.slice(mark + 1) };
  } catch {
    return undefined;
  }
}
