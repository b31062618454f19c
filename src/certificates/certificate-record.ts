import { revocationReasonName, type RevocationReason } from './revocation-reason';

/** A certificate that was issued, with what is known about it. */
export interface CertificateRecord {
  readonly authorityId: number;
  /** Name of the authority. */
  readonly authority: string;
  /** Big-endian magnitude. */
  readonly serialNumber: Buffer;
  /** Number of the authority's generation that issued it. */
  readonly generation: number;
  readonly endEntityId: string | null;
  /** As the end entity, the alias and the certificate profile were called when it was issued. */
  readonly username: string;
  readonly alias: string | null;
  readonly certificateProfile: string;
  /** The certificate template that has chosen the profile; null: it was the end entity's own. */
  readonly template: string | null;
  readonly subject: string;
  /** DER. */
  readonly certificate: Buffer;
  /** SHA-256 of the certificate. */
  readonly fingerprint: Buffer;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly issuedAt: Date;
  readonly revokedAt: Date | null;
  readonly revocationReason: RevocationReason | null;
}

/** What a certificate is worth at a moment. */
export type CertificateStatus = 'valid' | 'expired' | 'onHold' | 'revoked';

/** The status of a certificate at `now`; revocation outlives the validity. */
export function certificateStatus(
  certificate: Pick<CertificateRecord, 'notAfter' | 'revokedAt' | 'revocationReason'>,
  now: Date,
): CertificateStatus {
  if (certificate.revokedAt !== null) return certificate.revocationReason === 'certificateHold' ? 'onHold' : 'revoked';
  return certificate.notAfter < now ? 'expired' : 'valid';
}

/** Selects {@link CertificateRow}s, from `certificates c` with its `authorities a`; conditions may follow. */
export const SELECT_CERTIFICATES = `select c.authority_id, a.name as authority, c.serial_number, g.number as generation,
  c.end_entity_id, c.username, c.alias, c.certificate_profile, c.template, c.subject, c.certificate, c.fingerprint,
  c.not_before, c.not_after, c.issued_at, c.revoked_at, c.revocation_reason
  from certificates c join authorities a on a.id = c.authority_id
  join authority_generations g on g.id = c.generation_id`;

/** What {@link SELECT_CERTIFICATES} yields. */
export interface CertificateRow {
  authority_id: number;
  authority: string;
  serial_number: Buffer;
  generation: number;
  end_entity_id: string | null;
  username: string;
  alias: string | null;
  certificate_profile: string;
  template: string | null;
  subject: string;
  certificate: Buffer;
  fingerprint: Buffer;
  not_before: Date;
  not_after: Date;
  issued_at: Date;
  revoked_at: Date | null;
  revocation_reason: number | null;
}

/** The record that a row holds. */
export function certificateRecord(row: CertificateRow): CertificateRecord {
  return {
    authorityId: row.authority_id,
    authority: row.authority,
    serialNumber: row.serial_number,
    generation: row.generation,
    endEntityId: row.end_entity_id,
    username: row.username,
    alias: row.alias,
    certificateProfile: row.certificate_profile,
    template: row.template,
    subject: row.subject,
    certificate: row.certificate,
    fingerprint: row.fingerprint,
    notBefore: row.not_before,
    notAfter: row.not_after,
    issuedAt: row.issued_at,
    revokedAt: row.revoked_at,
    revocationReason: row.revocation_reason === null ? null : revocationReasonName(row.revocation_reason),
  };
}
