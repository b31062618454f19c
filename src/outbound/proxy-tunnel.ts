import { request, type IncomingMessage } from 'node:http';
import type { LookupFunction, Socket } from 'node:net';
import { OutboundError } from './outbound-error';
import { bareHostname, portOf } from './outbound-url';

/** An HTTP proxy that is asked for a tunnel to the service (RFC 9110 section 9.3.6). */
export interface OutboundProxy {
  /** `http://host:port` */
  readonly url: string;
  /** Where it wants Basic. */
  readonly username?: string;
  /** A secret. */
  readonly password?: string;
}

/**
 * Opens a tunnel through the proxy.
 *
 * @param proxy checked URL of it
 * @param target whose host and port the proxy is told
 * @returns the connection, on which nothing has been said yet
 * @throws OutboundError `proxy` where it refuses
 */
export function openTunnel(
  proxy: URL,
  { username = '', password = '' }: OutboundProxy,
  target: URL,
  lookup: LookupFunction,
  signal: AbortSignal,
): Promise<Socket> {
  const authority = `${target.hostname}:${portOf(target)}`;
  const credentials = Buffer.from(`${username}:${password}`).toString('base64');
  return new Promise((resolve, reject) => {
    const refuse = ({ statusCode }: IncomingMessage): void => {
      reject(new OutboundError('proxy', `the proxy opens no tunnel (HTTP ${statusCode ?? 0})`, statusCode));
      connecting.destroy();
    };
    const connecting = request({
      host: bareHostname(proxy),
      port: portOf(proxy),
      method: 'CONNECT',
      path: authority,
      headers: { host: authority, ...(username !== '' && { 'proxy-authorization': `Basic ${credentials}` }) },
      agent: false,
      lookup,
      signal,
    });
    connecting.on('connect', (answer, socket, head) => {
      if (answer.statusCode === undefined || answer.statusCode < 200 || answer.statusCode > 299) {
        socket.destroy();
        refuse(answer);
      } else if (head.length > 0) {
        // Who speaks before he is spoken to is no TLS server.
        socket.destroy();
        reject(new OutboundError('proxy', 'the proxy sent more than its answer'));
      } else resolve(socket);
    });
    connecting.on('response', refuse);
    connecting.on('error', reject);
    connecting.end();
  });
}
