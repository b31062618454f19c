import type { IncomingMessage } from 'node:http';

/**
 * A browser sends its user's password along wherever a page of somebody else leads to: this would use up the passwords.
 * What a user types or has among his bookmarks is `none`; programs say nothing.
 */
export function comesFromAnotherSite({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
  const site = headers['sec-fetch-site'];
  return site !== undefined && site !== 'none' && site !== 'same-origin';
}
