import { BlockList, isIP } from 'node:net';

/** What of the machine's surroundings may be reached besides the rest of the world and the private networks. */
export interface AddressPolicy {
  /** Whether the machine itself may be: 127.0.0.0/8 and ::1. */
  readonly loopback: boolean;
}

/** Why no connection goes to an address. */
export type AddressRefusal =
  'no address' | 'loopback' | 'link-local' | 'metadata' | 'multicast' | 'reserved' | 'embedded IPv4';

type Network = readonly [prefix: string, bits: number, reason: AddressRefusal];

const IPV4_NETWORKS: readonly Network[] = [
  ['127.0.0.0', 8, 'loopback'],
  ['169.254.0.0', 16, 'link-local'], // RFC 3927; 169.254.169.254 gives away a cloud machine's credentials
  // What some clouds have at addresses of other ranges: Alibaba's, Oracle's and Azure's.
  ['100.100.100.200', 32, 'metadata'],
  ['192.0.0.192', 32, 'metadata'],
  ['168.63.129.16', 32, 'metadata'],
  ['224.0.0.0', 4, 'multicast'],
  ['0.0.0.0', 8, 'reserved'], // "this host" is the machine itself on most systems
  ['240.0.0.0', 4, 'reserved'], // broadcast is one of them
];

const IPV6_NETWORKS: readonly Network[] = [
  ['::1', 128, 'loopback'],
  ['fe80::', 10, 'link-local'],
  ['fec0::', 10, 'link-local'], // site-local, RFC 3879
  ['fd00:ec2::', 32, 'metadata'], // Amazon's
  ['fd20:ce::254', 128, 'metadata'], // Google's
  ['ff00::', 8, 'multicast'],
  ['::', 128, 'reserved'],
  // Forms of an IPv4 address that would have to be judged by it, and that nobody needs to name a service: IPv4-mapped and
  // -compatible (RFC 4291), 6to4 (RFC 3056), Teredo (RFC 4380), and NAT64 with a prefix of the network's own (RFC 8215).
  ['::', 96, 'embedded IPv4'],
  ['::ffff:0:0', 96, 'embedded IPv4'],
  ['::ffff:0:0:0', 96, 'embedded IPv4'],
  ['2002::', 16, 'embedded IPv4'],
  ['2001::', 32, 'embedded IPv4'],
  ['64:ff9b:1::', 48, 'embedded IPv4'],
];

// A list for each: one list of both would match an IPv4 address by rules for its IPv4-mapped form.
const IPV4_LISTS = IPV4_NETWORKS.map((network) => ({ list: listOf(network, 'ipv4'), reason: network[2] }));
const IPV6_LISTS = IPV6_NETWORKS.map((network) => ({ list: listOf(network, 'ipv6'), reason: network[2] }));

/** The well-known prefix of NAT64 (RFC 6052 section 2.1): what a network without IPv4 makes of every IPv4 address. */
const NAT64 = listOf(['64:ff9b::', 96, 'embedded IPv4'], 'ipv6');

/**
 * Why this address is not to be reached; undefined where it may be. Private networks may: a customer's services are there.
 *
 * @param address of either family as text, a zone included; anything else is refused
 */
export function addressRefusal(address: string, policy: AddressPolicy): AddressRefusal | undefined {
  const bare = address.replace(/%.*$/, '');
  switch (isIP(bare)) {
    case 4:
      return refusalBy(IPV4_LISTS, bare, 'ipv4', policy);
    case 6:
      return NAT64.check(bare, 'ipv6')
        ? refusalBy(IPV4_LISTS, lastFourBytes(bare), 'ipv4', policy)
        : refusalBy(IPV6_LISTS, bare, 'ipv6', policy);
    default:
      return 'no address';
  }
}

function refusalBy(
  lists: readonly { readonly list: BlockList; readonly reason: AddressRefusal }[],
  address: string,
  family: 'ipv4' | 'ipv6',
  { loopback }: AddressPolicy,
): AddressRefusal | undefined {
  const reason = lists.find(({ list }) => list.check(address, family))?.reason;
  return reason === 'loopback' && loopback ? undefined : reason;
}

function listOf([prefix, bits]: Network, family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList();
  list.addSubnet(prefix, bits, family);
  return list;
}

/** The IPv4 address in the last 32 bits of an IPv6 address. */
function lastFourBytes(address: string): string {
  // The URL parser writes every IPv6 address in one way (RFC 5952), without the dotted form at its end.
  const groups = new URL(`http://[${address}]`).hostname.slice(1, -1).split(/:/);
  const [high, low] = groups.slice(-2).map((group) => Number.parseInt(group === '' ? '0' : group, 16));
  return [(high ?? 0) >> 8, (high ?? 0) & 0xff, (low ?? 0) >> 8, (low ?? 0) & 0xff].join('.');
}
