import { randomInt } from 'node:crypto';

/** Below what Linux (from 32768) and macOS (from 49152) give to outgoing connections and to listeners that ask for any port. */
const FIRST = 10_000;
const END = 32_000;

/**
 * Different ports for a listener that has to get the same one again after a restart, which port 0 does not give. They are
 * from a range that the system hands to nobody by itself. Whether another program listens there shows when it is tried.
 */
export function loopbackPorts(count: number): number[] {
  const ports = new Set<number>();
  while (ports.size < count) ports.add(randomInt(FIRST, END));
  return [...ports];
}
