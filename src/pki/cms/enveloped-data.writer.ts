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

/** What goes into an envelope. */
export interface EnvelopeContents {
  /** The plaintext, of type id-data. */
  readonly content: Buffer;
  /** The one recipient; its key is an RSA key. */
  readonly recipient: Certificate;
  readonly cipher: CipherName;
  readonly keyTransport: KeyTransport;
}

const VERSION_0 = unsignedInteger(0);

/**
 * DER of a ContentInfo with EnvelopedData, version 0, for one recipient by issuer and serial number; the encrypted
 * content is primitive, which PyScep needs.
 *
 * @throws DerError when the recipient's key cannot encrypt
 */
export function encodeEnvelopedData(contents: EnvelopeContents, random: RandomSource): Buffer {
  const { cipher, recipient, keyTransport } = contents;
  const key = contentEncryptionKey(cipher, random.bytes(cipherKeyLength(cipher)));
  const iv = random.bytes(cipherBlockLength(cipher));
  const recipientInfo = sequence(
    VERSION_0,
    issuerAndSerialOf(recipient),
    keyTransportAlgorithm(keyTransport),
    octetString(wrapKey(keyTransport, recipient.publicKey, key)),
  );
  const encryptedContentInfo = sequence(
    oid(Oid.data),
    algorithmIdentifier(cipherOid(cipher), octetString(iv)),
    contextPrimitive(0, encryptContent(cipher, key, iv, contents.content)),
  );
  return contentInfo(Oid.envelopedData, sequence(VERSION_0, setOf([recipientInfo]), encryptedContentInfo));
}
