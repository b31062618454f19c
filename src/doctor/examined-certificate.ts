import type { Certificate } from '../pki/x509/certificate';
import { readExtendedKeyUsage } from '../pki/x509/extension';
import { Oid } from '../pki/x509/oid';
import type { ExaminedCertificate } from './alias-under-examination';

/** What is looked at of a CA or RA certificate. Throws `DerError` where a part of it cannot be read. */
export function examinedCertificate(certificate: Certificate): ExaminedCertificate {
  const purposes = certificate.extension(Oid.extKeyUsage);
  const { type, bits } = certificate.publicKey;
  return {
    subject: certificate.subject.toString(),
    subjectAttributes: certificate.subject.rdns.flatMap((rdn) => rdn.map(({ oid }) => oid)),
    keyUsage: certificate.keyUsage,
    extendedKeyUsage: purposes === undefined ? undefined : readExtendedKeyUsage(purposes),
    isSelfIssued: certificate.isSelfIssued,
    notBefore: certificate.notBefore,
    notAfter: certificate.notAfter,
    key: { type, bits },
  };
}
