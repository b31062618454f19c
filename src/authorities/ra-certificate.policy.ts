import type { Certificate } from '../pki/x509/certificate';
import type { AuthoritySettings, RaCertificateMode } from './authority-settings';
import type { RaPurpose } from './ra-certificate.entity';

const DAY = 86_400_000;
const RENEW_BEFORE_END = 30 * DAY;

/** Whether a certificate lets clients encrypt to it: an RSA key, and a keyUsage that does not forbid it. */
export const canDecrypt = (certificate: Certificate): boolean =>
  certificate.publicKey.type === 'rsa' && (certificate.keyUsage?.has('keyEncipherment') ?? true);

/** Whether key and certificate of a CA can speak SCEP: sign replies and open requests (C-06). */
export const canSpeakScep = (certificate: Certificate): boolean =>
  canDecrypt(certificate) && (certificate.keyUsage?.has('digitalSignature') ?? true);

/** The mode that holds for a CA certificate: what is set, else a single RA certificate where the CA cannot do without. */
export const raCertificateMode = (settings: AuthoritySettings, certificate: Certificate): RaCertificateMode =>
  settings.raCertificate ?? (canSpeakScep(certificate) ? 'none' : 'single');

/** The purposes of the RA certificates of a mode, in the order in which GetCACert shows them. */
export function raPurposes(mode: RaCertificateMode): readonly RaPurpose[] {
  if (mode === 'none') return [];
  return mode === 'single' ? ['both'] : ['sign', 'encrypt'];
}

/** What is known of an RA certificate that exists. */
export interface ExistingRaCertificate {
  readonly id: number;
  readonly purpose: RaPurpose;
  readonly state: 'current' | 'previous';
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** What is to be done about an authority's RA certificates. */
export interface RaCertificatePlan {
  /** Purposes that need a new certificate. */
  readonly issue: readonly RaPurpose[];
  /** Ids of current ones that become previous: another takes their place, or the mode has no place for them. */
  readonly retire: readonly number[];
  /** Ids of previous ones that are expired, so that nobody may encrypt to them any more. */
  readonly remove: readonly number[];
}

/**
 * Compares the RA certificates that exist with those that an authority should have. One is renewed when a third of its
 * lifetime or 30 days are left, whichever comes first, unless the authority's own end keeps the new one from living
 * longer than the old.
 *
 * @param issuerNotAfter end of the CA certificate
 */
export function planRaCertificates(
  mode: RaCertificateMode,
  existing: readonly ExistingRaCertificate[],
  settings: AuthoritySettings,
  issuerNotAfter: Date,
  now: Date,
): RaCertificatePlan {
  const purposes = raPurposes(mode);
  const newEnd = Math.min(now.getTime() + settings.raValidityDays * DAY, issuerNotAfter.getTime());
  const current = existing.filter(({ state }) => state === 'current');
  const issue = purposes.filter((purpose) => {
    const holder = current.find((candidate) => candidate.purpose === purpose);
    return holder === undefined
      ? newEnd > now.getTime()
      : isDue(holder, now) && newEnd - holder.notAfter.getTime() >= DAY;
  });
  return {
    issue,
    retire: current.filter(({ purpose }) => issue.includes(purpose) || !purposes.includes(purpose)).map(({ id }) => id),
    remove: existing.filter(({ state, notAfter }) => state === 'previous' && notAfter < now).map(({ id }) => id),
  };
}

function isDue({ notBefore, notAfter }: ExistingRaCertificate, now: Date): boolean {
  const lifetime = notAfter.getTime() - notBefore.getTime();
  return notAfter.getTime() - now.getTime() <= Math.max(lifetime / 3, RENEW_BEFORE_END);
}
