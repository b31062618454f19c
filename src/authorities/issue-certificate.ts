import { ServiceError } from '../common/service-error';
import type { Signer } from '../keys/software-key';
import { sequence } from '../pki/der/der-writer';
import { buildCertificate } from '../pki/x509/certificate-builder';
import { Certificate } from '../pki/x509/certificate';
import type { DigestName } from '../pki/x509/digest-name';
import type { DistinguishedName } from '../pki/x509/distinguished-name';
import {
  authorityKeyIdentifier,
  extension,
  keyIdentifier,
  subjectKeyIdentifier,
  type Extension,
} from '../pki/x509/extension';

/** What certificates are issued with. */
export interface CertificateIssuer {
  /** The CA certificate. */
  readonly certificate: Certificate;
  /** Its key. */
  readonly signer: Signer;
  /** Digest of the signatures. */
  readonly digest: DigestName;
  /** The authorityKeyIdentifier extension of all that it issues, DER: encoded once, not per certificate. */
  readonly authorityKeyIdentifier: Buffer;
}

/** What a certificate shall say. */
export interface CertificateTemplate {
  /** Content octets of a positive, minimal INTEGER, as `newSerialNumber` makes them. */
  readonly serialNumber: Buffer;
  readonly subject: DistinguishedName;
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Buffer;
  readonly notBefore: Date;
  /** The latest end: the certificate ends with its issuer's at the latest. */
  readonly notAfter: Date;
  /** All extensions but subjectKeyIdentifier and authorityKeyIdentifier, in the order in which they shall stand. */
  readonly extensions: readonly Extension[];
}

/** An issuer from a CA certificate and its key. */
export function certificateIssuer(certificate: Certificate, signer: Signer, digest: DigestName): CertificateIssuer {
  // RFC 5280 section 4.2.1.1: the value is the issuer's subjectKeyIdentifier, however that was computed.
  const keyId = certificate.subjectKeyIdentifier ?? keyIdentifier(certificate.spki);
  return { certificate, signer, digest, authorityKeyIdentifier: extension(authorityKeyIdentifier(keyId)) };
}

/**
 * Signs a certificate (RFC 5280 section 4.1) and adds subjectKeyIdentifier and authorityKeyIdentifier. Its validity is
 * cut to lie within the issuer's. Throws {@link ServiceError} (`authority-unavailable`) when nothing of it is left, so
 * an expired authority issues nothing.
 */
export async function signCertificate(issuer: CertificateIssuer, template: CertificateTemplate): Promise<Certificate> {
  const notBefore = latest(template.notBefore, issuer.certificate.notBefore);
  const notAfter = earliest(template.notAfter, issuer.certificate.notAfter);
  if (notAfter <= notBefore)
    throw new ServiceError('authority-unavailable', 'the authority cannot issue for this time', {
      rule: 'authority.validity',
      explanation: `the CA certificate is valid from ${issuer.certificate.notBefore.toISOString()} to ${issuer.certificate.notAfter.toISOString()}`,
    });
  const der = await buildCertificate({
    serialNumber: template.serialNumber,
    issuer: issuer.certificate.subject,
    subject: template.subject,
    notBefore,
    notAfter,
    spki: template.spki,
    extensions: sequence(
      ...template.extensions.map(extension),
      extension(subjectKeyIdentifier(template.spki)),
      issuer.authorityKeyIdentifier,
    ),
    signer: issuer.signer,
    digest: issuer.digest,
  });
  return Certificate.read(der);
}

const latest = (a: Date, b: Date): Date => (a > b ? a : b);
const earliest = (a: Date, b: Date): Date => (a < b ? a : b);
