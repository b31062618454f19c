/** Stands for every purpose but the {@link PURPOSES_OVER_OTHERS}. */
export const ANY_PURPOSE = 'any';

/** With these a device could act for a CA, for other people or for all purposes: they are granted by name or not at all. */
const PURPOSES_OVER_OTHERS: ReadonlySet<string> = new Set([
  // anyExtendedKeyUsage
  '2.5.29.37.0',
  // OCSP signing; the CA and the RA of CMC (RFC 6402 section 2.10)
  '1.3.6.1.5.5.7.3.9',
  '1.3.6.1.5.5.7.3.27',
  '1.3.6.1.5.5.7.3.28',
  // Kerberos key distribution centre (RFC 4556 section 3.2.4)
  '1.3.6.1.5.2.3.5',
  // Microsoft: trust lists, recovery of files, enrolment agent, CA exchange, key recovery agent
  '1.3.6.1.4.1.311.10.3.1',
  '1.3.6.1.4.1.311.10.3.4.1',
  '1.3.6.1.4.1.311.20.2.1',
  '1.3.6.1.4.1.311.21.5',
  '1.3.6.1.4.1.311.21.6',
]);

/**
 * Which requested purposes are taken over.
 * @param purposes dotted identifiers and {@link ANY_PURPOSE}
 * @returns undefined where none is, so that the request need not be looked at
 */
export function purposeGrant(purposes: readonly string[]): ((oid: string) => boolean) | undefined {
  if (purposes.length === 0) return undefined;
  const named = new Set(purposes);
  const any = named.has(ANY_PURPOSE);
  return (oid) => named.has(oid) || (any && !PURPOSES_OVER_OTHERS.has(oid));
}
