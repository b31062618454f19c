import { DerError } from '../der/der-error';
import { DerReader, type Tlv } from '../der/der-reader';
import { readOid, readSmallInteger } from '../der/der-values';
import { contextConstructedTag, contextPrimitiveTag, Tag } from '../der/tag';
import { type AlgorithmIdentifier, readAlgorithmIdentifier } from '../x509/algorithm-identifier';
import { Oid } from '../x509/oid';
import { type CertificateIdentifier, readCertificateIdentifier } from './certificate-identifier';
import { readContentInfo } from './content-info';

const MAX_RECIPIENTS = 32;
const MAX_SEGMENTS = 4096;

/** KeyTransRecipientInfo (RFC 5652 section 6.2.1). */
export interface KeyTransRecipient {
  readonly recipient: CertificateIdentifier;
  readonly keyEncryptionAlgorithm: AlgorithmIdentifier;
  readonly encryptedKey: Buffer;
}

/** EnvelopedData (RFC 5652 section 6.1). */
export interface EnvelopedData {
  /** Those recipients to whom the key is transported. */
  readonly recipients: readonly KeyTransRecipient[];
  /** Those that know a password: PasswordRecipientInfo (section 6.2.4), not looked into yet. */
  readonly passwordRecipients: readonly Tlv[];
  /** How many recipients of other kinds there are (key agreement and so on), which are passed over. */
  readonly otherRecipients: number;
  /** Dotted object identifier of the type of what is encrypted. */
  readonly contentType: string;
  readonly contentEncryptionAlgorithm: AlgorithmIdentifier;
  readonly encryptedContent: Buffer;
}

const WHAT = 'EnvelopedData';

/**
 * Reads EnvelopedData, in its ContentInfo or bare as some put it under the eContentType id-envelopedData. Version
 * numbers are not looked at: clients set them wrong.
 *
 * @throws DerError when the bytes are none in DER, or without encrypted content
 */
export function readEnvelopedData(bytes: Buffer): EnvelopedData {
  const reader = envelopedDataOf(bytes).open(WHAT);
  readSmallInteger(reader.next(WHAT), `${WHAT} version`);
  reader.optional(contextConstructedTag(0), `${WHAT} originatorInfo`);
  const infos = reader.enter(Tag.SET, `${WHAT} recipientInfos`).rest(MAX_RECIPIENTS, `${WHAT} recipientInfos`);
  const transported = infos.filter((info) => info.tag === Tag.SEQUENCE);
  const passwordRecipients = infos.filter((info) => info.tag === contextConstructedTag(3));
  const encrypted = readEncryptedContentInfo(reader.enter(Tag.SEQUENCE, `${WHAT} encryptedContentInfo`));
  reader.optional(contextConstructedTag(1), `${WHAT} unprotectedAttrs`);
  reader.finish(WHAT);
  return {
    recipients: transported.map(readKeyTransRecipient),
    passwordRecipients,
    otherRecipients: infos.length - transported.length - passwordRecipients.length,
    ...encrypted,
  };
}

function envelopedDataOf(bytes: Buffer): Tlv {
  const outer = new DerReader(bytes).expect(Tag.SEQUENCE, WHAT);
  if (outer.raw.length === bytes.length && outer.open(WHAT).peekTag() === Tag.INTEGER) return outer;
  return readContentInfo(bytes, Oid.envelopedData, WHAT);
}

function readKeyTransRecipient(element: Tlv): KeyTransRecipient {
  const what = 'KeyTransRecipientInfo';
  const reader = element.open(what);
  readSmallInteger(reader.next(what), `${what} version`);
  const recipient = readCertificateIdentifier(reader, `${what} rid`);
  const keyEncryptionAlgorithm = readAlgorithmIdentifier(reader);
  const encryptedKey = reader.expect(Tag.OCTET_STRING, `${what} encryptedKey`).content;
  reader.finish(what);
  return { recipient, keyEncryptionAlgorithm, encryptedKey };
}

function readEncryptedContentInfo(
  reader: DerReader,
): Pick<EnvelopedData, 'contentType' | 'contentEncryptionAlgorithm' | 'encryptedContent'> {
  const what = 'EncryptedContentInfo';
  const contentType = readOid(reader.next(what), what);
  const contentEncryptionAlgorithm = readAlgorithmIdentifier(reader);
  const primitive = reader.optional(contextPrimitiveTag(0), what);
  const encryptedContent =
    primitive?.content ?? joinSegments(reader.expect(contextConstructedTag(0), `${what} encryptedContent`));
  reader.finish(what);
  return { contentType, contentEncryptionAlgorithm, encryptedContent };
}

/** The IMPLICIT OCTET STRING in its constructed form: micromdm's scepclient up to 2.1 writes it so. */
function joinSegments(element: Tlv): Buffer {
  const what = 'encryptedContent';
  const segments = element.open(what).rest(MAX_SEGMENTS, what);
  if (segments.length === 0) throw new DerError(`${what}: no segment`);
  const contents = segments.map((segment) => {
    if (segment.tag !== Tag.OCTET_STRING) throw new DerError(`${what}: segment is no OCTET STRING`);
    return segment.content;
  });
  return contents.length === 1 ? (contents[0] as Buffer) : Buffer.concat(contents);
}
