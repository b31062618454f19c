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
  type KeyUsageBit,
  subjectKeyIdentifier,
  type Extension,
} from '../pki/x509/extension';
import type { PublicKey } from '../pki/x509/public-key';
import type { AuthoritySettings } from './authority-settings';

/**
 * keyUsage of a CA certificate that is made here. The CA key signs and decrypts SCEP messages itself where it can (only
 * RSA can) and no RA certificate is wanted: then digitalSignature and keyEncipherment are there too (RFC 8894 section
 * 2.1.2, C-06), and dataEncipherment if it is set, without which PIX does not use the certificate.
 */
export function caKeyUsage(
  publicKey: PublicKey,
  { raCertificate, dataEncipherment }: Pick<AuthoritySettings, 'raCertificate' | 'dataEncipherment'>,
): readonly KeyUsageBit[] {
  const certifies = ['keyCertSign', 'cRLSign'] as const;
  if (publicKey.type !== 'rsa' || (raCertificate ?? 'none') !== 'none') return certifies;
  const speaks = ['digitalSignature', 'keyEncipherment'] as const;
  return dataEncipherment ? [...speaks, 'dataEncipherment', ...certifies] : [...speaks, ...certifies];
}

/** basicConstraints and keyUsage of a CA certificate. */
export const caExtensions = (usage: readonly KeyUsageBit[]): Extension[] => [basicConstraints(true), keyUsage(usage)];

/** What a root's certificate shall say. */
export interface RootTemplate {
  readonly serialNumber: Buffer;
  readonly subject: DistinguishedName;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly digest: DigestName;
  /** Of {@link caKeyUsage}. */
  readonly keyUsage: readonly KeyUsageBit[];
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
      ...caExtensions(template.keyUsage),
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
  request: {
    readonly subject: DistinguishedName;
    readonly digest: DigestName;
    readonly keyUsage: readonly KeyUsageBit[];
  },
): Promise<Buffer> {
  return buildCertificationRequest({
    subject: request.subject,
    signer,
    digest: request.digest,
    extensions: [...caExtensions(request.keyUsage), subjectKeyIdentifier(signer.publicKey.spki)],
  });
}
