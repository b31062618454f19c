import { OutboundError } from './outbound-error';

/** Longer ones are no addresses of services. */
const LONGEST_URL = 2000;

/**
 * What is wrong with a URL that is to be asked; undefined: nothing. To which address its name leads is judged when a
 * connection is made.
 *
 * @param allowHttp whether it may be http, by which everybody on the way reads along
 */
export function outboundUrlProblem(text: string, allowHttp: boolean): string | undefined {
  const url = text.length <= LONGEST_URL && URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined) return 'must be a URL';
  if (url.protocol !== 'https:' && !(allowHttp && url.protocol === 'http:'))
    return allowHttp ? 'must be an http or https URL' : 'must be an https URL';
  if (url.username !== '' || url.password !== '') return 'must not hold credentials';
  if (url.hash !== '') return 'must not have a fragment';
  return undefined;
}

/**
 * The URL, if it may be asked.
 * @throws OutboundError `url`
 */
export function outboundUrl(text: string, allowHttp: boolean): URL {
  const problem = outboundUrlProblem(text, allowHttp);
  if (problem !== undefined) throw new OutboundError('url', `the URL ${problem}`);
  return new URL(text);
}

/** How a URL is named in logs and explanations: its query may hold a secret. */
export const shownUrl = ({ origin, pathname }: URL): string => `${origin}${pathname}`;

/** The host as `net.connect` takes it: an IPv6 address without its brackets. */
export const bareHostname = ({ hostname }: URL): string => hostname.replace(/^\[(.*)\]$/, '$1');

/** The port, also where it is the scheme's. */
export const portOf = ({ port, protocol }: URL): number =>
  port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
