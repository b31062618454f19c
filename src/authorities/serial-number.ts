import type { RandomSource } from '../common/random-source';

const OCTETS = 20;

/**
 * A fresh certificate serial number: 20 octets, the content of a positive, minimal INTEGER (RFC 5280 section 4.1.2.2).
 * The first two bits are 0 and 1, the other 158 are random, so no two are ever equal.
 */
export function newSerialNumber(random: RandomSource): Buffer {
  const serialNumber = random.bytes(OCTETS);
  serialNumber[0] = ((serialNumber[0] as number) & 0x3f) | 0x40;
  return serialNumber;
}
