import type { CertificationRequest } from '../pki/x509/certification-request';
import {
  extendedKeyUsage,
  type Extension,
  keyUsage,
  type KeyUsageBit,
  readExtendedKeyUsage,
  readKeyUsage,
} from '../pki/x509/extension';
import { Oid } from '../pki/x509/oid';
import type { CertificateProfile } from '../profiles/certificate-profile';
import { readRequested } from './requested-extension';

/** Bits that no device gets, whatever it asks for: with them it could issue certificates itself. */
const AUTHORITY_BITS: ReadonlySet<KeyUsageBit> = new Set(['keyCertSign', 'cRLSign']);
/** Bits without meaning for a key that cannot encrypt (RFC 8813 section 3). */
const ENCRYPTION_BITS: ReadonlySet<KeyUsageBit> = new Set(['keyEncipherment', 'dataEncipherment']);

/**
 * keyUsage as the profile has it, or as much of the requested one as the profile grants. Where nothing is left of that,
 * the profile's counts again: without the extension a key may be used for anything.
 * @throws ServiceError `malformed-message`
 */
export function keyUsageOf(profile: CertificateProfile, request: CertificationRequest): Extension[] {
  const suits = (bit: KeyUsageBit): boolean => request.publicKey.type !== 'ec' || !ENCRYPTION_BITS.has(bit);
  const asked = profile.keyUsageFromRequest ? readRequested(request, Oid.keyUsage, readKeyUsage) : undefined;
  const granted = [...(asked ?? [])].filter(
    (bit) => suits(bit) && profile.requestedKeyUsage.includes(bit) && !AUTHORITY_BITS.has(bit),
  );
  const bits = granted.length > 0 ? granted : profile.keyUsage.filter(suits);
  return bits.length > 0 ? [keyUsage(bits)] : [];
}

/**
 * extKeyUsage as the profile has it, or as much of the requested one as the profile grants; the profile's again where
 * nothing is left of that. Never critical, whatever the request says: RFC 5280 section 4.2.1.12 leaves that to the CA.
 * @throws ServiceError `malformed-message`
 */
export function extendedKeyUsageOf(profile: CertificateProfile, request: CertificationRequest): Extension[] {
  const { grantsPurpose } = profile;
  const asked = grantsPurpose && readRequested(request, Oid.extKeyUsage, readExtendedKeyUsage);
  const granted = [...new Set(asked)].filter((purpose) => grantsPurpose?.(purpose));
  const purposes = granted.length > 0 ? granted : profile.extendedKeyUsageOids;
  return purposes.length > 0 ? [extendedKeyUsage(purposes)] : [];
}
