import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import proxyAddr from 'proxy-addr';

/** Decides whether the proxy at an address is believed about whom it speaks for. */
export type ProxyTrust = (address: string, hop: number) => boolean;

/**
 * Prepares the list of trusted proxies, once.
 *
 * @param proxies IP addresses, CIDR ranges, or `loopback`, `linklocal`, `uniquelocal`
 */
export function trustProxies(proxies: readonly string[]): ProxyTrust {
  return proxyAddr.compile([...proxies]);
}

/**
 * The address a request comes from: that of the connection or, where a trusted proxy is at its other end, what the
 * proxy says in X-Forwarded-For.
 *
 * @returns an IP address, IPv4 in its own notation; empty if the connection is gone already
 */
export function clientAddress(request: IncomingMessage, trust: ProxyTrust): string {
  const peer = request.socket.remoteAddress;
  if (peer === undefined) return '';
  // Some proxies add the port.
  const claimed = proxyAddr(request, trust).replace(/^(\d+\.\d+\.\d+\.\d+):\d+$|^\[(.*)\](?::\d+)?$/, '$1$2');
  const address = isIP(claimed) === 0 ? peer : claimed;
  return address.replace(/^::ffff:(?=\d+\.)/i, '');
}
