import { isIP } from 'node:net';
import { ServiceError } from '../common/service-error';
import type { DeviceProfile } from '../device-profiles/device-profile';
import type { DistinguishedName } from '../pki/x509/distinguished-name';
import type { GeneralName } from '../pki/x509/general-name';
import { Oid } from '../pki/x509/oid';

/** What a device profile says of names. */
export type NameSwitches = Pick<DeviceProfile, 'unstructuredNamesAsAltNames' | 'refusesDomainComponents'>;

/** A host name in full or in part: no wildcard, which nobody has asked for by naming a device. */
const HOST_NAME = /^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]{0,62})(?:\.[a-z0-9_](?:[a-z0-9_-]{0,62}))*$/i;

/**
 * The subjectAltNames of a certificate, with those that the device profile wants to be copied from the subject behind
 * them. What is no host name or address, or is there already, is not copied.
 * @param subject that an administrator has registered
 * @param subjectAltNames that are certified anyway
 */
export function withCopiedNames(
  { unstructuredNamesAsAltNames }: NameSwitches,
  subject: DistinguishedName,
  subjectAltNames: readonly GeneralName[],
): readonly GeneralName[] {
  if (!unstructuredNamesAsAltNames) return subjectAltNames;
  const names = [...subjectAltNames];
  const add = (type: 'dns' | 'ip', value: string): void => {
    const known = names.some((name) => name.type === type && name.value.toLowerCase() === value.toLowerCase());
    if (!known) names.push({ type, value });
  };
  for (const name of subject.values(Oid.unstructuredName))
    // Digits and dots may be a host name by their form, but are an address (RFC 1123 section 2.1).
    if (HOST_NAME.test(name) && isIP(name) === 0) add('dns', name);
  for (const address of subject.values(Oid.unstructuredAddress))
    if (isIP(address) !== 0 && !address.includes('%')) add('ip', address);
  return names;
}

/**
 * Refuses a subject that devices of this profile cannot read.
 * @throws ServiceError `request-refused`
 */
export function refuseUnreadableSubject({ refusesDomainComponents }: NameSwitches, subject: DistinguishedName): void {
  if (!refusesDomainComponents || subject.first(Oid.domainComponent) === undefined) return;
  throw new ServiceError('request-refused', 'the subject has a domain component (DC), which this device cannot read', {
    rule: 'device-profile.refusesDomainComponents',
    explanation: 'register the end entity with a subject without DC, or give the alias another deviceProfile',
  });
}
