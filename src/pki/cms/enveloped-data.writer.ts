import type { RandomSource } from '../../common/random-source';
import { contextPrimitive, octetString, oid, sequence, setOf, unsignedInteger } from '../der/der-writer';
import { algorithmIdentifier } from '../x509/algorithm-identifier';
import type { Certificate } from '../x509/certificate';
import { Oid } from '../x509/oid';
import { issuerAndSerialOf } from './certificate-identifier';
import {
  cipherBlockLength,
  cipherKeyLength,
  type CipherName,
  cipherOid,
  contentEncryptionKey,
  encryptContent,
} from './content-cipher';
import { contentInfo } from './content-info';
import { type KeyTransport, keyTransportAlgorithm, wrapKey } from './key-transport';
import { passwordRecipientInfo } from './password-recipient';

/** What goes into an envelope, whoever is to open it. */
interface Enveloped {
  /** The plaintext, of type id-data. */
  readonly content: Buffer;
  readonly cipher: CipherName;
}

/** An envelope for a certificate. */
export interface EnvelopeContents extends Enveloped {
  /** The one recipient; its key is an RSA key. */
  readonly recipient: Certificate;
  readonly keyTransport: KeyTransport;
}

/** An envelope for who knows a password. */
export interface PasswordEnvelopeContents extends Enveloped {
  readonly password: string;
}

const VERSION_0 = unsignedInteger(0);
/** RFC 5652 section 6.1: as soon as there is a PasswordRecipientInfo. */
const VERSION_3 = unsignedInteger(3);

/**
 * DER of a ContentInfo with EnvelopedData, version 0, for one recipient by issuer and serial number; the encrypted
 * content is primitive, which PyScep needs.
 *
 * @throws DerError when the recipient's key cannot encrypt
 */
export function encodeEnvelopedData(contents: EnvelopeContents, random: RandomSource): Buffer {
  const { recipient, keyTransport } = contents;
  const key = contentKey(contents, random);
  const recipientInfo = sequence(
    VERSION_0,
    issuerAndSerialOf(recipient),
    keyTransportAlgorithm(keyTransport),
    octetString(wrapKey(keyTransport, recipient.publicKey, key)),
  );
  return envelopedData(VERSION_0, recipientInfo, contents, key, random);
}

/** DER of a ContentInfo with EnvelopedData, version 3, for one PasswordRecipientInfo. */
export async function encodePasswordEnvelope(
  contents: PasswordEnvelopeContents,
  random: RandomSource,
): Promise<Buffer> {
  const key = contentKey(contents, random);
  const recipientInfo = await passwordRecipientInfo(contents.password, contents.cipher, key, random);
  return envelopedData(VERSION_3, recipientInfo, contents, key, random);
}

const contentKey = ({ cipher }: Enveloped, random: RandomSource): Buffer =>
  contentEncryptionKey(cipher, random.bytes(cipherKeyLength(cipher)));

function envelopedData(
  version: Buffer,
  recipientInfo: Buffer,
  { cipher, content }: Enveloped,
  key: Buffer,
  random: RandomSource,
): Buffer {
  const iv = random.bytes(cipherBlockLength(cipher));
  const encryptedContentInfo = sequence(
    oid(Oid.data),
    algorithmIdentifier(cipherOid(cipher), octetString(iv)),
    contextPrimitive(0, encryptContent(cipher, key, iv, content)),
  );
  return contentInfo(Oid.envelopedData, sequence(version, setOf([recipientInfo]), encryptedContentInfo));
}
