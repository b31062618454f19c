import type { RandomSource } from '../../common/random-source';
import { attribute } from '../../pki/cms/attribute';
import type { CipherName } from '../../pki/cms/content-cipher';
import { certsOnly } from '../../pki/cms/degenerate';
import { encodeEnvelopedData, encodePasswordEnvelope } from '../../pki/cms/enveloped-data.writer';
import { type KeyTransport, replyKeyTransport } from '../../pki/cms/key-transport';
import { encodeSignedData, type MessageSigner } from '../../pki/cms/signed-data.writer';
import { octetString, printableString, time, utf8String } from '../../pki/der/der-writer';
import type { Certificate } from '../../pki/x509/certificate';
import type { DigestName } from '../../pki/x509/digest-name';
import { Oid } from '../../pki/x509/oid';
import { FAIL_INFO_NUMBERS, type FailInfo } from './fail-info';
import { MESSAGE_TYPE_NUMBERS } from './message-type';
import type { PkiMessage } from './pki-message.decoder';
import { PKI_STATUS_NUMBERS } from './pki-status';

/** Who can open a SUCCESS (RFC 8894 section 3.1). */
export type ReplyProtection =
  | {
      readonly kind: 'keyTransport';
      /** The certificate that signed the request, and nobody else. */
      readonly recipient: Certificate;
      /** As in the request; what is answered is its nearest equivalent. */
      readonly keyTransport: KeyTransport;
    }
  | {
      readonly kind: 'password';
      /** The challengePassword of the request, where the key that signed it cannot decrypt. */
      readonly password: string;
    };

/** What a CertRep says (RFC 8894 section 3.3.2). */
export type CertRepStatus =
  | {
      readonly pkiStatus: 'SUCCESS';
      /** DER; the issued certificate first. */
      readonly certificates: readonly Buffer[];
      /** DER of each; none unless they were asked for. */
      readonly crls?: readonly Buffer[];
      readonly protection: ReplyProtection;
      readonly cipher: CipherName;
    }
  | { readonly pkiStatus: 'FAILURE'; readonly failInfo: FailInfo; readonly failInfoText?: string | undefined }
  | { readonly pkiStatus: 'PENDING' };

/** A CertRep and what it takes to write it. */
export interface CertRep {
  /** What is answered: its transactionID and nonce are echoed. */
  readonly request: Pick<PkiMessage, 'transactionIDValue' | 'senderNonce'>;
  readonly status: CertRepStatus;
  /** The certificate is embedded; it is the one that GetCACert gives out for signatures. */
  readonly signer: MessageSigner;
  readonly digest: DigestName;
  /** Fresh for each answer, and not the request's unless the client wants that back. */
  readonly senderNonce: Buffer;
  readonly signingTime: Date;
  /**
   * What stands for the missing envelope of FAILURE and PENDING: no eContent at all, as RFC 8894 section 3.2 says, or
   * an OCTET STRING of no octets. The digest is over no octets in either case.
   */
  readonly emptyContent: 'absent' | 'emptyOctetString';
  readonly random: RandomSource;
}

const NOTHING = Buffer.alloc(0);
const decimal = (number: number): Buffer => printableString(String(number));
const CERT_REP = attribute(Oid.messageType, decimal(MESSAGE_TYPE_NUMBERS.CertRep));

/**
 * DER of a CertRep.
 *
 * @throws DerError when the recipient's key cannot take the content key
 */
export async function encodeCertRep(reply: CertRep): Promise<Buffer> {
  const { request, status } = reply;
  const attributes = [
    CERT_REP,
    attribute(Oid.transactionID, request.transactionIDValue),
    attribute(Oid.pkiStatus, decimal(PKI_STATUS_NUMBERS[status.pkiStatus])),
    attribute(Oid.senderNonce, octetString(reply.senderNonce)),
    // xipki does not take an answer without it.
    attribute(Oid.signingTime, time(reply.signingTime)),
  ];
  if (request.senderNonce !== undefined)
    attributes.push(attribute(Oid.recipientNonce, octetString(request.senderNonce)));
  if (status.pkiStatus === 'FAILURE') {
    attributes.push(attribute(Oid.failInfo, decimal(FAIL_INFO_NUMBERS[status.failInfo])));
    if (status.failInfoText !== undefined)
      attributes.push(attribute(Oid.failInfoText, utf8String(status.failInfoText)));
  }
  const content = await contentOf(reply);
  return encodeSignedData({ content, attributes, signer: reply.signer, digest: reply.digest });
}

function contentOf({ status, emptyContent, random }: CertRep): Buffer | undefined | Promise<Buffer> {
  if (status.pkiStatus !== 'SUCCESS') return emptyContent === 'absent' ? undefined : NOTHING;
  const { protection, cipher } = status;
  const content = certsOnly(status.certificates, status.crls);
  if (protection.kind === 'password')
    return encodePasswordEnvelope({ content, cipher, password: protection.password }, random);
  const { recipient } = protection;
  const keyTransport = replyKeyTransport(protection.keyTransport);
  return encodeEnvelopedData({ content, cipher, recipient, keyTransport }, random);
}
