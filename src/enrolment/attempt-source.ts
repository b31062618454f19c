import { isIPv6 } from 'node:net';

/**
 * Whom failed attempts are counted against: an IPv4 address, or the network of an IPv6 address. Every host has a network of
 * 2^64 IPv6 addresses to itself (RFC 4291 section 2.5.1): by address it would have as many attempts, and could alone pass
 * for the many sources that lock an end entity for everybody. Neighbours on a link are told apart by address.
 * @param address as the request log shows it
 * @returns for example `192.0.2.1` or `2001:db8:0:7::/64`
 */
export function attemptSource(address: string): string {
  if (!isIPv6(address) || /^fe[89ab]/i.test(address)) return address;
  const [front = '', back] = address.split('::');
  const groups = front === '' ? [] : front.split(':');
  const missing = back === undefined ? 0 : 4 - groups.length;
  // What stands behind `::` belongs to the network only as far as the gap leaves room for it.
  const behind = back === undefined || back === '' ? [] : back.split(':');
  const gap = Math.max(0, Math.min(missing, 8 - groups.length - lengthOf(behind)));
  const network = [...groups, ...Array.from({ length: gap }, () => '0'), ...behind].slice(0, 4);
  return `${network.map((group) => parseInt(group, 16).toString(16)).join(':')}::/64`;
}

/** In groups of 16 bits; an IPv4 address at the end takes two. */
const lengthOf = (groups: readonly string[]): number => groups.length + (groups.at(-1)?.includes('.') === true ? 1 : 0);
