import { DerError } from '../der/der-error';
import { bitString, contextConstructed, integerFromContent, sequence, time, unsignedInteger } from '../der/der-writer';
import type { DigestName } from './digest-name';
import type { DistinguishedName } from './distinguished-name';
import { signatureAlgorithm } from './signature-algorithm';
import type { SigningKey } from './signing-key';

/** What goes into a certificate. */
export interface CertificateContent {
  /** Content octets of the INTEGER: positive. */
  readonly serialNumber: Buffer;
  readonly issuer: DistinguishedName;
  readonly subject: DistinguishedName;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** DER of the subject's SubjectPublicKeyInfo. */
  readonly spki: Buffer;
  /** DER of the Extensions SEQUENCE; absent where there are none. */
  readonly extensions: Buffer | undefined;
  /** The issuer's key. */
  readonly signer: SigningKey;
  readonly digest: DigestName;
}

const VERSION_3 = contextConstructed(0, unsignedInteger(2));

/**
 * Builds and signs a version 3 certificate (RFC 5280 section 4.1). Returns its DER, at once where the key signs at once.
 * Throws `DerError` for a serial number that is not positive and for a time that a certificate cannot hold.
 */
export function buildCertificate(content: CertificateContent): Buffer | Promise<Buffer> {
  const { serialNumber, signer, digest } = content;
  const algorithm = signatureAlgorithm(signer.publicKey.type, digest);
  if ((serialNumber[0] ?? 0) >= 0x80 || serialNumber.every((octet) => octet === 0))
    throw new DerError('certificate serial number: not positive');
  const tbs = sequence(
    VERSION_3,
    integerFromContent(serialNumber),
    algorithm,
    content.issuer.raw,
    sequence(time(content.notBefore), time(content.notAfter)),
    content.subject.raw,
    content.spki,
    ...(content.extensions === undefined ? [] : [contextConstructed(3, content.extensions)]),
  );
  return signed(tbs, algorithm, signer.sign(digest, tbs));
}

/** The signed form that certificates and certification requests share: content, algorithm, signature. */
export function signed(
  content: Buffer,
  algorithm: Buffer,
  signature: Buffer | Promise<Buffer>,
): Buffer | Promise<Buffer> {
  if (Buffer.isBuffer(signature)) return sequence(content, algorithm, bitString(signature));
  return signature.then((bytes) => sequence(content, algorithm, bitString(bytes)));
}
