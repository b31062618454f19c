import { ServiceError } from '../../common/service-error';
import { readDerOrBer } from '../../pki/cms/content-info';
import { readCertsOnly } from '../../pki/cms/degenerate';
import { DerError } from '../../pki/der/der-error';
import { Certificate } from '../../pki/x509/certificate';
import type { DigestName } from '../../pki/x509/digest-name';
import { Oid } from '../../pki/x509/oid';
import { type FailInfo, failInfoFromText } from './fail-info';
import type { MessageDefect } from './message-defect';
import { messageTypeFromText } from './message-type';
import { openPasswordEnvelope } from './password-envelope.opener';
import { type EnvelopeRecipient, envelopeUnreadable, openEnvelope, readEnvelope } from './pkcs-pki-envelope.opener';
import { pkiStatusFromText } from './pki-status';
import type { SignedAttributes } from './signed-attributes';
import { readSignedMessage, type SignedMessage } from './signed-message';

/** What a CertRep says before its envelope is opened (RFC 8894 section 3.3.2). */
export type CertRepOutcome =
  | { readonly pkiStatus: 'SUCCESS' | 'PENDING' }
  | { readonly pkiStatus: 'FAILURE'; readonly failInfo: FailInfo; readonly failInfoText: string | undefined };

/** A CertRep as it was read, its signature checked against the certificate that it brought itself. */
export interface CertRepMessage {
  readonly transactionID: string;
  readonly outcome: CertRepOutcome;
  readonly senderNonce: Buffer | undefined;
  readonly recipientNonce: Buffer | undefined;
  readonly signingTime: Date | undefined;
  readonly signer: Certificate;
  readonly digest: DigestName;
  /** The pkcsPKIEnvelope; undefined where eContent is absent or empty. */
  readonly envelope: Buffer | undefined;
  readonly defects: readonly MessageDefect[];
}

/** What a CertRep must hold to be the answer to a message. */
export interface ExpectedReply {
  readonly transactionID: string;
  /** The nonce that was sent, to come back as recipientNonce. */
  readonly senderNonce: Buffer;
  /** The certificates whose signature is accepted: those that GetCACert gave for it. */
  readonly signers: readonly Certificate[];
}

/**
 * Decodes a CertRep from DER or BER.
 *
 * @throws DerError when it is no CertRep, or one with an unknown pkiStatus or failInfo (RFC 8894 sections 3.2.1.3 and
 *   3.2.1.4)
 */
export function decodeCertRep(bytes: Buffer): CertRepMessage {
  return readDerOrBer(bytes, (der) => interpret(readSignedMessage(der, {})));
}

function interpret({ attributes, signedData, signer, digest, defects }: SignedMessage): CertRepMessage {
  if (messageTypeFromText(attributes.text(Oid.messageType) ?? '') !== 'CertRep') throw new DerError('no CertRep');
  return {
    transactionID: attributes.text(Oid.transactionID) ?? '',
    outcome: readOutcome(attributes),
    senderNonce: attributes.octets(Oid.senderNonce),
    recipientNonce: attributes.octets(Oid.recipientNonce),
    signingTime: attributes.time(Oid.signingTime),
    signer,
    digest,
    envelope: signedData.content?.length === 0 ? undefined : signedData.content,
    defects,
  };
}

function readOutcome(attributes: SignedAttributes): CertRepOutcome {
  const pkiStatus = pkiStatusFromText(attributes.text(Oid.pkiStatus) ?? '');
  if (pkiStatus === undefined) throw new DerError('CertRep: no pkiStatus that is known');
  if (pkiStatus !== 'FAILURE') return { pkiStatus };
  const failInfo = failInfoFromText(attributes.text(Oid.failInfo) ?? '');
  if (failInfo === undefined) throw new DerError('CertRep: no failInfo that is known');
  return { pkiStatus, failInfo, failInfoText: attributes.text(Oid.failInfoText) };
}

const refuse = (rule: string, detail: string): ServiceError => new ServiceError('bad-signature', detail, { rule });

/**
 * Passes a CertRep that is the answer to our message, by one of the expected signers.
 *
 * @throws ServiceError otherwise: the first defect's code, or `bad-signature`
 */
export function checkCertRep(reply: CertRepMessage, expected: ExpectedReply): void {
  const [first] = reply.defects;
  if (first !== undefined) throw new ServiceError(first.code, first.detail, { rule: first.rule });
  if (!expected.signers.some(({ der }) => der.equals(reply.signer.der)))
    throw refuse('reply.signer', 'the answer is not signed by a certificate of this CA or RA');
  if (reply.transactionID !== expected.transactionID)
    throw refuse('reply.transaction-id', 'the answer has another transactionID');
  if (reply.recipientNonce?.equals(expected.senderNonce) !== true)
    throw refuse('reply.recipient-nonce', 'the answer does not return the nonce');
}

/** Who opens a CertRep. */
export interface ReplyReader extends EnvelopeRecipient {
  /** The challengePassword that was sent, in case that the answer is encrypted with it (RFC 8894 section 3.1). */
  readonly challengePassword?: string | undefined;
}

/**
 * Opens the envelope of a CertRep with SUCCESS.
 *
 * @param reader the certificate that signed the request, its key, and the challengePassword
 * @returns the certificates, in the order in which they came
 * @throws ServiceError `envelope-unreadable` or `algorithm-not-allowed`
 * @throws DerError when there is no envelope, or it holds no certificates
 */
export async function openCertRep(reply: CertRepMessage, reader: ReplyReader): Promise<Certificate[]> {
  if (reply.envelope === undefined) throw new DerError('CertRep: no pkcsPKIEnvelope');
  const content = await openReply(reply.envelope, reader);
  return readCertsOnly(content).certificates.map((der) => Certificate.read(der));
}

async function openReply(envelope: Buffer, { challengePassword, ...recipient }: ReplyReader): Promise<Buffer> {
  const data = readEnvelope(envelope);
  if (data.recipients.length > 0 && recipient.certificate.publicKey.type === 'rsa')
    return (await openEnvelope(envelope, [recipient])).content;
  if (challengePassword === undefined)
    throw envelopeUnreadable('it is encrypted with a challengePassword, and none was sent');
  return openPasswordEnvelope(data, challengePassword);
}
