import { isIPv4, isIPv6 } from 'node:net';

import { DerError } from '../der/der-error';

/** The 4 or 16 octets of an IP address in text (RFC 5280 section 4.2.1.6). Throws `DerError` for anything else. */
export function ipOctets(text: string): Buffer {
  if (isIPv4(text)) return Buffer.from(text.split('.').map(Number));
  if (!isIPv6(text) || text.includes('%')) throw new DerError('not an IP address');
  const octets = Buffer.alloc(16);
  const [head, tail] = canonicalIpv6(text).split('::') as [string, string | undefined];
  const before = groups(head);
  const after = groups(tail ?? '');
  before.forEach((group, i) => octets.writeUInt16BE(group, 2 * i));
  after.forEach((group, i) => octets.writeUInt16BE(group, 16 - 2 * (after.length - i)));
  return octets;
}

/** Text of an IP address of 4 or 16 octets; IPv6 in the canonical form of RFC 5952. */
export function ipText(octets: Buffer): string {
  if (octets.length === 4) return octets.join('.');
  if (octets.length !== 16) throw new DerError('IP address is not of 4 or 16 octets');
  return canonicalIpv6((octets.toString('hex').match(/.{4}/g) as string[]).join(':'));
}

const groups = (text: string): number[] =>
  text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));

/** The URL parser writes IPv6 hosts in their canonical form, without an embedded IPv4 address. */
const canonicalIpv6 = (text: string): string => new URL(`http://[${text}]/`).hostname.slice(1, -1);
