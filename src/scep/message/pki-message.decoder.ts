import { ServiceError } from '../../common/service-error';
import { readDerOrBer } from '../../pki/cms/content-info';
import { DerError } from '../../pki/der/der-error';
import type { Tlv } from '../../pki/der/der-reader';
import { Tag } from '../../pki/der/tag';
import type { Certificate } from '../../pki/x509/certificate';
import type { DigestName } from '../../pki/x509/digest-name';
import { Oid } from '../../pki/x509/oid';
import { DEFECTS, type MessageDefect } from './message-defect';
import { messageTypeFromText, type RequestMessageType } from './message-type';
import { type MessageTolerance, readSignedMessage, type SignedMessage } from './signed-message';

/** A client's pkiMessage (RFC 8894 section 3.2), read and its signature checked, its envelope still closed. */
export interface PkiMessage {
  /** At most 255 characters, control characters replaced: an ID where that makes a difference is a defect. */
  readonly transactionID: string;
  /** DER of the attribute's value as received: what the answer echoes. */
  readonly transactionIDValue: Buffer;
  /** What messageType says, cut and cleaned for the log; empty where it says nothing readable. */
  readonly messageTypeText: string;
  /** Undefined for a number that is no type, and for CertRep, which a client may not send: a defect. */
  readonly messageType: RequestMessageType | undefined;
  /** Of whatever length it came; undefined where it did not. */
  readonly senderNonce: Buffer | undefined;
  /** Undefined where it is missing or no time. */
  readonly signingTime: Date | undefined;
  /** The certificate whose key signed the message, and to which the answer is encrypted if it can be. Authenticates nobody. */
  readonly signer: Certificate;
  /** Digest of the signature; SHA-256 where the message's is not one of ours, which is a defect. */
  readonly digest: DigestName;
  /** All certificates in the message, in the order in which they came. */
  readonly certificates: readonly Certificate[];
  /** The pkcsPKIEnvelope: a ContentInfo with EnvelopedData, in DER or BER, not looked into yet. */
  readonly envelope: Buffer | undefined;
  /** What is wrong with it; see {@link checkPkiMessage}. */
  readonly defects: readonly MessageDefect[];
}

const MAX_TRANSACTION_ID = 255;
const MAX_NONCE = 64;
const MAX_MESSAGE_TYPE_TEXT = 16;
/**
 * Control characters, what turns or breaks the line of a log around it, and halves of surrogate pairs: a BMPString can hold
 * all of them.
 */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/**
 * Decodes a pkiMessage from DER or BER. Whatever can be answered with a CertRep is returned, with all that is wrong about it
 * in `defects`: nothing of a message may be used before {@link checkPkiMessage} has passed it.
 *
 * @throws DerError when it is no SCEP message at all: no SignedData with signed attributes, or without a transactionID or
 *   a certificate to answer to
 */
export function decodePkiMessage(bytes: Buffer, tolerance: MessageTolerance = {}): PkiMessage {
  return readDerOrBer(bytes, (der) => interpret(readSignedMessage(der, tolerance)));
}

/**
 * Passes a message without defects.
 *
 * @throws ServiceError for the first defect otherwise: `algorithm-not-allowed`, `bad-signature`, `key-not-allowed`,
 *   `malformed-message` or `message-type-not-supported`. One of the signature comes before all others, for then
 *   nothing else in the message can be believed.
 */
export function checkPkiMessage(
  message: PkiMessage,
): asserts message is PkiMessage & { readonly messageType: RequestMessageType; readonly envelope: Buffer } {
  const [first] = message.defects;
  if (first !== undefined) throw new ServiceError(first.code, first.detail, { rule: first.rule });
}

function interpret(signed: SignedMessage): PkiMessage {
  const { attributes, signedData, signer, certificates, digest } = signed;
  const transactionIDElement = attributes.value(Oid.transactionID);
  const transactionID = attributes.text(Oid.transactionID);
  if (transactionIDElement === undefined || transactionID === undefined)
    throw new DerError('pkiMessage: no transactionID');
  const messageTypeText = attributes.text(Oid.messageType) ?? '';
  const messageType = requestType(messageTypeText);
  const senderNonce = attributes.octets(Oid.senderNonce);
  const envelope = signedData.content?.length === 0 ? undefined : signedData.content;

  const defects = [...signed.defects];
  if (!isAcceptableTransactionID(transactionID)) defects.push(DEFECTS.transactionID);
  if (!isAcceptableNonce(attributes.value(Oid.senderNonce))) defects.push(DEFECTS.senderNonce);
  if (messageType === undefined) defects.push(DEFECTS.messageType);
  if (envelope === undefined) defects.push(DEFECTS.noEnvelope);
  return {
    transactionID: loggable(transactionID, MAX_TRANSACTION_ID),
    transactionIDValue: transactionIDElement.raw,
    messageTypeText: loggable(messageTypeText, MAX_MESSAGE_TYPE_TEXT),
    messageType,
    senderNonce,
    signingTime: attributes.time(Oid.signingTime),
    signer,
    digest,
    certificates,
    envelope,
    defects,
  };
}

function requestType(text: string): RequestMessageType | undefined {
  const type = messageTypeFromText(text);
  return type === 'CertRep' ? undefined : type;
}

/** Text that a database and a log can hold: PostgreSQL has no place for U+0000. */
const loggable = (text: string, max: number): string => text.slice(0, max).replace(UNPRINTABLE, '?');

const isAcceptableTransactionID = (text: string): boolean =>
  text.length > 0 && text === loggable(text, MAX_TRANSACTION_ID);

const isAcceptableNonce = (value: Tlv | undefined): boolean =>
  value === undefined || (value.tag === Tag.OCTET_STRING && value.length <= MAX_NONCE);
