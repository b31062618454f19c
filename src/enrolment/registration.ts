import type { CertificateTemplate } from '../authorities/issue-certificate';
import { EndEntityStatus } from '../end-entities/end-entity-status';
import { readGeneralNames } from '../pki/x509/general-name';
import { Oid } from '../pki/x509/oid';
import type { EndEntityFacts, LatestFacts } from './enrolment-facts.reader';

/** An end entity that the gateway registers in RA mode: what is written of it besides the names that are issued. */
export interface Registration {
  /** `again`: the alias has registered it before, and it gets the content of this request. */
  readonly kind: 'new' | 'again';
  readonly certificateProfileId: number;
  readonly endEntityProfileId: number;
  /** Its latest certificate; undefined where it has none. */
  readonly latest: LatestFacts | undefined;
}

/** The names that an end entity is registered with, as columns. */
export interface RegisteredNames {
  readonly subject: string;
  /** JSON. */
  readonly altNames: string;
}

/** The names of a certificate: an end entity that is registered along with it has the same. */
export function registeredNames({
  subject,
  extensions,
}: Pick<CertificateTemplate, 'subject' | 'extensions'>): RegisteredNames {
  const altNames = extensions.find(({ oid }) => oid === Oid.subjectAltName);
  return {
    subject: subject.toString(),
    altNames: JSON.stringify(altNames === undefined ? [] : readGeneralNames(altNames.value)),
  };
}

/** Values of the SQL in `registering-claims.ts`: what the end entity is from now on, but for its subject. */
export const contentValues = (
  { certificateProfileId, endEntityProfileId }: Registration,
  { altNames }: RegisteredNames,
): Readonly<Record<string, unknown>> => ({
  altNames,
  registeredProfileId: certificateProfileId,
  endEntityProfileId,
});

/** Values of the SQL in `registering-claims.ts`: what the end entity must still be that was registered before. */
export const unchanged = (
  { status, epoch, latestSerialNumber }: EndEntityFacts,
  { latest }: Registration,
): Readonly<Record<string, unknown>> => ({
  status,
  epoch,
  latestSerialNumber,
  latestAuthorityId: latest?.authorityId ?? null,
  // Whom an administrator has put back to NEW may have lost its certificate before.
  mustBeGood: status === EndEntityStatus.GENERATED && latest !== undefined,
});
