import {
  certificateStatus,
  type CertificateRecord,
  type CertificateStatus,
} from '../../certificates/certificate-record';
import { REVOCATION_REASON_NAMES, type RevocationReason } from '../../certificates/revocation-reason';
import { pem } from '../../pki/x509/pem';
import { integer, moment, oneOf, optionalMoment, optionalText, text, type Answer } from '../openapi/documented';

/** A certificate as it is answered in a list. */
export interface CertificateSummary {
  readonly authority: string;
  /** Hexadecimal, lower case. */
  readonly serialNumber: string;
  readonly generation: number;
  readonly status: CertificateStatus;
  readonly username: string;
  readonly alias: string | null;
  readonly certificateProfile: string;
  /** The certificate template that has chosen the profile; null: it was the end entity's own. */
  readonly template: string | null;
  readonly subject: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly issuedAt: Date;
  readonly revokedAt: Date | null;
  readonly revocationReason: RevocationReason | null;
  /** SHA-256, hexadecimal. */
  readonly fingerprint: string;
}

/** A certificate as it is answered by itself. */
export interface CertificateView extends CertificateSummary {
  readonly pem: string;
}

const SUMMARY_PROPERTIES: Answer['properties'] = {
  authority: text,
  serialNumber: text,
  generation: integer,
  status: oneOf(['valid', 'expired', 'onHold', 'revoked']),
  username: text,
  alias: optionalText,
  certificateProfile: text,
  template: optionalText,
  subject: text,
  notBefore: moment,
  notAfter: moment,
  issuedAt: moment,
  revokedAt: optionalMoment,
  revocationReason: { ...oneOf(REVOCATION_REASON_NAMES), nullable: true },
  fingerprint: text,
};

/** {@link CertificateSummary} in the OpenAPI document. */
export const CERTIFICATE_SUMMARY_ANSWER: Answer = { name: 'CertificateSummary', properties: SUMMARY_PROPERTIES };

/** {@link CertificateView} in the OpenAPI document. */
export const CERTIFICATE_ANSWER: Answer = { name: 'Certificate', properties: { ...SUMMARY_PROPERTIES, pem: text } };

/** Makes the view of an item of a list, with the status at `now`. */
export function certificateSummary(record: CertificateRecord, now: Date): CertificateSummary {
  return {
    authority: record.authority,
    serialNumber: record.serialNumber.toString('hex'),
    generation: record.generation,
    status: certificateStatus(record, now),
    username: record.username,
    alias: record.alias,
    certificateProfile: record.certificateProfile,
    template: record.template,
    subject: record.subject,
    notBefore: record.notBefore,
    notAfter: record.notAfter,
    issuedAt: record.issuedAt,
    revokedAt: record.revokedAt,
    revocationReason: record.revocationReason,
    fingerprint: record.fingerprint.toString('hex'),
  };
}

/** Makes the view, with the status at `now`. */
export function certificateView(record: CertificateRecord, now: Date): CertificateView {
  return { ...certificateSummary(record, now), pem: pem('CERTIFICATE', record.certificate) };
}
