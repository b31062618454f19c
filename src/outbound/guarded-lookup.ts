import type { LookupAddress } from 'node:dns';
import { lookup as systemLookup } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import { addressRefusal, type AddressPolicy } from './address-policy';
import { OutboundError } from './outbound-error';

/** Finds all addresses of a host name. */
export type Resolver = (hostname: string) => Promise<readonly LookupAddress[]>;

/** The machine's resolver, with its hosts file. */
export const systemResolver: Resolver = (hostname) => systemLookup(hostname, { all: true });

/**
 * The `lookup` of a connection: the very addresses that are connected to are judged, so a name that leads elsewhere the
 * second time (DNS rebinding) gains nothing. One address that must not be reached spoils the name.
 */
export function guardedLookup(policy: AddressPolicy, resolver: Resolver): LookupFunction {
  return (hostname, options, callback) => {
    resolver(hostname).then(
      (addresses) => {
        const refusal = addresses.map(({ address }) => refusalOf(address, policy)).find((error) => error !== undefined);
        const [first] = addresses;
        if (refusal !== undefined) callback(refusal, []);
        else if (first === undefined) callback(unknownName(), []);
        else if (options.all === true) callback(null, [...addresses]);
        else callback(null, first.address, first.family);
      },
      () => {
        callback(unknownName(), []);
      },
    );
  };
}

/**
 * Judges a host that is an address itself, for which no lookup is made.
 * @throws OutboundError `refused-address`
 */
export function refuseAddress(hostname: string, policy: AddressPolicy): void {
  const error = isIP(hostname) === 0 ? undefined : refusalOf(hostname, policy);
  if (error !== undefined) throw error;
}

function refusalOf(address: string, policy: AddressPolicy): OutboundError | undefined {
  const reason = addressRefusal(address, policy);
  return reason && new OutboundError('refused-address', `the address ${address} must not be reached (${reason})`);
}

const unknownName = (): OutboundError => new OutboundError('unknown-name', 'the host name leads to no address');
