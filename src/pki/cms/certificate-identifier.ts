import { DerError } from '../der/der-error';
import type { DerReader } from '../der/der-reader';
import { element, sequence } from '../der/der-writer';
import { contextPrimitiveTag, Tag } from '../der/tag';
import type { Certificate } from '../x509/certificate';
import { digest } from '../x509/digest-name';
import { DistinguishedName } from '../x509/distinguished-name';

/** SignerIdentifier and RecipientIdentifier (RFC 5652 sections 5.3 and 6.2.1): which certificate is meant. */
export type CertificateIdentifier =
  | {
      readonly type: 'issuerAndSerial';
      /** DER of the issuer's Name. */
      readonly issuer: Buffer;
      /** Content octets of the serial number's INTEGER. */
      readonly serialNumber: Buffer;
    }
  | { readonly type: 'subjectKeyIdentifier'; readonly keyIdentifier: Buffer };

/** Reads the next element of `reader` as a certificate identifier. */
export function readCertificateIdentifier(reader: DerReader, what: string): CertificateIdentifier {
  const keyIdentifier = reader.optional(contextPrimitiveTag(0), what);
  if (keyIdentifier !== undefined) {
    if (keyIdentifier.length === 0) throw new DerError(`${what}: empty key identifier`);
    return { type: 'subjectKeyIdentifier', keyIdentifier: keyIdentifier.content };
  }
  const inner = reader.enter(Tag.SEQUENCE, what);
  const issuer = inner.expect(Tag.SEQUENCE, what).raw;
  const serialNumber = inner.expect(Tag.INTEGER, what).content;
  inner.finish(what);
  return { type: 'issuerAndSerial', issuer, serialNumber };
}

/** DER of IssuerAndSerialNumber for this certificate, both as they stand in it. */
export const issuerAndSerialOf = (certificate: Certificate): Buffer =>
  sequence(certificate.issuer.raw, element(Tag.INTEGER, certificate.serialNumber));

/**
 * Whether the identifier means this certificate. Names are compared by meaning: clients re-encode the issuer with
 * other string types than the certificate has. A certificate that is malformed where one has to look is not meant.
 */
export function identifies(identifier: CertificateIdentifier, certificate: Certificate): boolean {
  try {
    return identifier.type === 'subjectKeyIdentifier'
      ? keyIdentifierOf(certificate).equals(identifier.keyIdentifier)
      : sameSerialNumber(identifier.serialNumber, certificate.serialNumber) &&
          sameName(identifier.issuer, certificate.issuer);
  } catch (error) {
    if (error instanceof DerError) return false;
    throw error;
  }
}

/** RFC 5280 section 4.2.1.2, method (1), where the certificate does not state its identifier. */
const keyIdentifierOf = (certificate: Certificate): Buffer =>
  certificate.subjectKeyIdentifier ?? digest('sha1', certificate.publicKey.subjectPublicKey);

/** Compares two serial numbers by value: old clients write the sign octet into one of the two and not into the other. */
function sameSerialNumber(a: Buffer, b: Buffer): boolean {
  return a.equals(b) || withoutLeadingZeros(a).equals(withoutLeadingZeros(b));
}

function withoutLeadingZeros(content: Buffer): Buffer {
  let start = 0;
  while (start < content.length && content[start] === 0) start++;
  return content.subarray(start);
}

const sameName = (issuer: Buffer, name: DistinguishedName): boolean =>
  issuer.equals(name.raw) || DistinguishedName.read(issuer).equals(name);
