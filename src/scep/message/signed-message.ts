import { Tag } from '../../pki/der/tag';
import { DerError } from '../../pki/der/der-error';
import { identifies } from '../../pki/cms/certificate-identifier';
import { readSignedData, type SignedData, type SignerInfo } from '../../pki/cms/signed-data';
import { Certificate } from '../../pki/x509/certificate';
import { digest, digestFromOid, type DigestName } from '../../pki/x509/digest-name';
import { Oid } from '../../pki/x509/oid';
import type { PublicKey } from '../../pki/x509/public-key';
import { readSignatureAlgorithm } from '../../pki/x509/signature-algorithm';
import { DEFECTS, type MessageDefect } from './message-defect';
import { SignedAttributes } from './signed-attributes';

/** What a message may do although RFC 8894 says otherwise. Each switch is named for the behaviour; all are off by default. */
export interface MessageTolerance {
  /** The eContentType may be id-envelopedData (xipki); the content is an envelope all the same. */
  readonly envelopedDataContentType?: boolean;
  /** The contentType attribute may be missing (libscep), though RFC 5652 section 5.3 demands it with signed attributes. */
  readonly missingContentTypeAttribute?: boolean;
}

/** The SignedData around every SCEP message, in either direction, with its signature checked. */
export interface SignedMessage {
  readonly signedData: SignedData;
  readonly attributes: SignedAttributes;
  /** The certificate that the signer identifier names; where it names none, the first one. */
  readonly signer: Certificate;
  /** Every certificate that could be read, in the order in which they came. */
  readonly certificates: readonly Certificate[];
  /** The digest of the signature; SHA-256 where the message's is not one of ours, which is a defect. */
  readonly digest: DigestName;
  readonly defects: readonly MessageDefect[];
}

const NOTHING = Buffer.alloc(0);

/**
 * Reads the outer layer of a pkiMessage from DER. What is wrong with it is told in `defects`, as long as there are signed
 * attributes and a certificate to speak of.
 *
 * @param known certificates that the message need not bring
 * @throws DerError otherwise
 */
export function readSignedMessage(
  der: Buffer,
  tolerance: MessageTolerance,
  known: readonly Certificate[] = [],
): SignedMessage {
  const signedData = readSignedData(der);
  const signerInfo = signedData.signerInfos[0];
  if (signerInfo === undefined) throw new DerError('pkiMessage: no signer');
  if (signerInfo.signedAttributes === undefined) throw new DerError('pkiMessage: no signed attributes');
  const attributes = new SignedAttributes(signerInfo.signedAttributes.list);
  const certificates = readableCertificates(signedData.certificates);
  const named = [...certificates, ...known].find((certificate) => identifies(signerInfo.signer, certificate));
  const signer = named ?? certificates[0];
  if (signer === undefined) throw new DerError('pkiMessage: no certificate of its signer');

  const digestName = digestFromOid(signerInfo.digestAlgorithm.oid);
  const defects: MessageDefect[] = [];
  const trust =
    digestName === undefined
      ? DEFECTS.digestUnknown
      : named === undefined
        ? DEFECTS.signerUnidentified
        : checkSignature(signedData, signerInfo, signerInfo.signedAttributes.raw, attributes, digestName, signer);
  if (trust !== undefined) defects.push(trust);
  if (signedData.signerInfos.length > 1) defects.push(DEFECTS.severalSigners);
  if (attributes.doubled) defects.push(DEFECTS.doubledAttribute);
  if (!contentTypeIsAllowed(signedData.contentType, tolerance)) defects.push(DEFECTS.contentType);
  if (!contentTypeAttributeFits(attributes, signedData.contentType, tolerance))
    defects.push(DEFECTS.contentTypeAttribute);
  return { signedData, attributes, signer, certificates, digest: digestName ?? 'sha256', defects };
}

/** A certificate that cannot be read is passed over: what counts is whether the signer's is among the others. */
function readableCertificates(certificates: readonly Buffer[]): Certificate[] {
  return certificates.flatMap((der) => {
    try {
      return [Certificate.read(der)];
    } catch (error) {
      if (error instanceof DerError) return [];
      throw error;
    }
  });
}

const contentTypeIsAllowed = (contentType: string, tolerance: MessageTolerance): boolean =>
  contentType === Oid.data || (tolerance.envelopedDataContentType === true && contentType === Oid.envelopedData);

function contentTypeAttributeFits(
  attributes: SignedAttributes,
  contentType: string,
  tolerance: MessageTolerance,
): boolean {
  if (attributes.value(Oid.contentType) === undefined) return tolerance.missingContentTypeAttribute === true;
  return attributes.oid(Oid.contentType) === contentType;
}

/** RFC 5652 sections 5.4 and 5.6. */
function checkSignature(
  signedData: SignedData,
  signerInfo: SignerInfo,
  rawAttributes: Buffer,
  attributes: SignedAttributes,
  digestName: DigestName,
  signer: Certificate,
): MessageDefect | undefined {
  const algorithm = readSignatureAlgorithm(signerInfo.signatureAlgorithm);
  if (algorithm === undefined) return DEFECTS.signatureAlgorithmUnknown;
  if (algorithm.digest !== undefined && algorithm.digest !== digestName) return DEFECTS.digestMismatch;
  const key = publicKeyOf(signer);
  if (key === undefined) return DEFECTS.signerKeyUnusable;
  const claimed = attributes.octets(Oid.messageDigest);
  if (claimed?.equals(digest(digestName, signedData.content ?? NOTHING)) !== true) return DEFECTS.messageDigest;
  if (key.type !== algorithm.keyType) return DEFECTS.signature;
  // The signature is over the attributes with the tag of a SET, in the order in which they came: some clients send and
  // sign them unsorted, and for all others it is the DER order anyway.
  const signedOctets = Buffer.from(rawAttributes);
  signedOctets[0] = Tag.SET;
  return key.verify(digestName, signedOctets, signerInfo.signature) ? undefined : DEFECTS.signature;
}

/** The signer's key; undefined when it is of a kind or size that is not ours. */
function publicKeyOf(certificate: Certificate): PublicKey | undefined {
  try {
    return certificate.publicKey;
  } catch (error) {
    if (error instanceof DerError) return undefined;
    throw error;
  }
}
