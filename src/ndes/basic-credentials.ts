/** What somebody has typed. */
export interface BasicCredentials {
  readonly username: string;
  readonly password: string;
}

/** What the door asks for. Basic alone: NTLM and Negotiate can be relayed from another server to this page. */
export const BASIC_CHALLENGE = 'Basic realm="SCEP enrollment", charset="UTF-8"';

const BASIC = /^Basic +([A-Za-z0-9+/]+={0,2}) *$/i;

/** Reads an Authorization header (RFC 7617); undefined for any other scheme, and for what is none. */
export function readBasicCredentials(header: string | undefined): BasicCredentials | undefined {
  const [, encoded] = BASIC.exec(header ?? '') ?? [];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  // The first colon: a user name has none, a password may.
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : { username: text.slice(0, colon), password: text.slice(colon + 1) };
}
