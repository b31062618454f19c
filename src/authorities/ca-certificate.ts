import type { Signer } from '../keys/software-key';
import { buildCertificate } from '../pki/x509/certificate-builder';
import { buildCertificationRequest } from '../pki/x509/certification-request';
import { Certificate } from '../pki/x509/certificate';
import type { DigestName } from '../pki/x509/digest-name';
import type { DistinguishedName } from '../pki/x509/distinguished-name';
import {
  authorityKeyIdentifier,
  basicConstraints,
  extensions,
  keyIdentifier,
  keyUsage,
  subjectKeyIdentifier,
  type Extension,
} from '../pki/x509/extension';
import type { PublicKey } from '../pki/x509/public-key';
import type { RaCertificateMode } from './authority-settings';

/**
 * Whether the CA key signs and decrypts SCEP messages itself, for a CA certificate that is made here: only RSA can, and
 * only where no RA certificate is wanted.
 */
export const speaksScepItself = (publicKey: PublicKey, mode: RaCertificateMode | undefined): boolean =>
  publicKey.type === 'rsa' && (mode ?? 'none') === 'none';

/**
 * basicConstraints and keyUsage of a CA certificate. Where the CA key itself speaks SCEP, digitalSignature and
 * keyEncipherment are there too (RFC 8894 section 2.1.2, C-06).
 */
export function caExtensions(speaksScep: boolean): Extension[] {
  return [
    basicConstraints(true),
    keyUsage(
      speaksScep ? ['digitalSignature', 'keyEncipherment', 'keyCertSign', 'cRLSign'] : ['keyCertSign', 'cRLSign'],
    ),
  ];
}

/** What a root's certificate shall say. */
export interface RootTemplate {
  readonly serialNumber: Buffer;
  readonly subject: DistinguishedName;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly digest: DigestName;
  readonly speaksScep: boolean;
}

/** A self-signed CA certificate. */
export async function buildRootCertificate(signer: Signer, template: RootTemplate): Promise<Certificate> {
  const { spki } = signer.publicKey;
  const der = await buildCertificate({
    serialNumber: template.serialNumber,
    issuer: template.subject,
    subject: template.subject,
    notBefore: template.notBefore,
    notAfter: template.notAfter,
    spki,
    extensions: extensions([
      ...caExtensions(template.speaksScep),
      subjectKeyIdentifier(spki),
      authorityKeyIdentifier(keyIdentifier(spki)),
    ]),
    signer,
    digest: template.digest,
  });
  return Certificate.read(der);
}

/** The PKCS #10 request, DER, that asks another CA for a CA certificate. */
export async function buildCaRequest(
  signer: Signer,
  request: { readonly subject: DistinguishedName; readonly digest: DigestName; readonly speaksScep: boolean },
): Promise<Buffer> {
  return buildCertificationRequest({
    subject: request.subject,
    signer,
    digest: request.digest,
    extensions: [...caExtensions(request.speaksScep), subjectKeyIdentifier(signer.publicKey.spki)],
  });
}
