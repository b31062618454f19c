import type { RandomSource } from '../../common/random-source';
import { attribute } from '../../pki/cms/attribute';
import type { CipherName } from '../../pki/cms/content-cipher';
import { encodeEnvelopedData } from '../../pki/cms/enveloped-data.writer';
import type { KeyTransport } from '../../pki/cms/key-transport';
import { encodeSignedData, type MessageSigner } from '../../pki/cms/signed-data.writer';
import { octetString, printableString, time } from '../../pki/der/der-writer';
import type { Certificate } from '../../pki/x509/certificate';
import type { DigestName } from '../../pki/x509/digest-name';
import { Oid } from '../../pki/x509/oid';
import { MESSAGE_TYPE_NUMBERS, type RequestMessageType } from './message-type';

/** A client's pkiMessage and what it takes to write it (RFC 8894 section 3.2). */
export interface PkiRequest {
  readonly messageType: RequestMessageType;
  /** Characters of a PrintableString. */
  readonly transactionID: string;
  readonly senderNonce: Buffer;
  readonly signingTime: Date;
  /** DER of what the message type calls for (RFC 8894 section 3.3), such as a certification request. */
  readonly content: Buffer;
  /** The CA or RA certificate to encrypt to. */
  readonly recipient: Certificate;
  /** The answer will be encrypted to this certificate. */
  readonly signer: MessageSigner;
  readonly digest: DigestName;
  readonly cipher: CipherName;
  readonly keyTransport: KeyTransport;
}

/**
 * DER of a client's pkiMessage.
 *
 * @throws DerError when the recipient's key cannot encrypt or the transactionID is no PrintableString
 */
export async function encodePkiMessage(request: PkiRequest, random: RandomSource): Promise<Buffer> {
  const { messageType, digest, signer } = request;
  const attributes = [
    attribute(Oid.messageType, printableString(String(MESSAGE_TYPE_NUMBERS[messageType]))),
    attribute(Oid.transactionID, printableString(request.transactionID)),
    attribute(Oid.senderNonce, octetString(request.senderNonce)),
    attribute(Oid.signingTime, time(request.signingTime)),
  ];
  return encodeSignedData({ content: encodeEnvelopedData(request, random), attributes, signer, digest });
}
