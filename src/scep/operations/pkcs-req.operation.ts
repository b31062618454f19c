import { Injectable } from '@nestjs/common';

import type { Alias } from '../../aliases/alias';
import type { UnsettledOutcome } from '../../enrolment/enrolment-request';
import { sha256 } from '../../common/digest';
import { EnrolmentService } from '../../enrolment/enrolment.service';
import { readDerOrBer } from '../../pki/cms/content-info';
import { DerError } from '../../pki/der/der-error';
import { CertificationRequest } from '../../pki/x509/certification-request';
import type { PublicKey } from '../../pki/x509/public-key';
import { MESSAGE_TYPE_NUMBERS } from '../message/message-type';
import type { ReplyProtection } from '../message/cert-rep.encoder';
import { envelopeUnreadable, type OpenedEnvelope, unproven } from '../message/pkcs-pki-envelope.opener';
import type { PkiMessage } from '../message/pki-message.decoder';
import type { AddressedGeneration } from './addressed-generation';
import { checkKey } from './algorithm-policy';
import { replyProtection } from './reply-protection';
import type { RequestReading } from './request-reading';
import type { Arrival, RequestJournal } from './request-journal';

// A request has some sixty.
const MAX_BER_ELEMENTS = 1_000;

/** A PKCSReq or RenewalReq whose envelope was opened. */
export interface OpenedPkcsReq {
  readonly alias: Alias;
  readonly message: PkiMessage;
  /** The message as it came. */
  readonly bytes: Buffer;
  readonly reading: RequestReading;
  readonly opened: OpenedEnvelope<AddressedGeneration>;
  /** Is told who will be able to read a SUCCESS, before anything is issued. */
  readonly protect: (protection: ReplyProtection) => void;
  readonly arrival: Arrival;
  readonly journal: RequestJournal;
}

/** PKCSReq and RenewalReq (RFC 8894 section 3.3.1): reads the PKCS #10, checks whose key it is, and says it in domain words. */
@Injectable()
export class PkcsReqOperation {
  constructor(private readonly enrolment: EnrolmentService) {}

  /** @throws ServiceError when the request cannot be judged at all; a refusal by rule is an outcome */
  async perform(asked: OpenedPkcsReq): Promise<UnsettledOutcome> {
    const { alias, message, reading, opened, arrival, journal } = asked;
    const { signer } = message;
    const request = readRequest(opened.content);
    journal.requestRead(request);
    // RFC 8894 section 2.4: a self-signed certificate proves the possession of its key and nothing else, so the key it
    // proves must be the one to be certified; the reply, too, can be opened by the signer's key only. A renewal is mostly
    // for a new key, and a manufacturer's certificate is for a key that the device keeps for good. Then nothing says that the signer made the request (RFC 8894 section 7.6), but as long as nothing is
    // judged before its signature, nobody can alter an envelope of somebody else's and be told what came of it.
    const isForSigner = publicKeyOf(request).equals(signer.publicKey);
    const { builtIn } = reading;
    const isBuiltIn = builtIn !== undefined && builtIn.problem === undefined;
    if (!isForSigner && reading.renewedIssuer === undefined && !isBuiltIn && reading.byRa !== true)
      throw unproven(
        'signer-key-mismatch',
        'request.signer-key',
        'the message is not signed with the key that the request is for',
      );
    if (!request.verify())
      throw unproven(
        'bad-proof-of-possession',
        'request.proof-of-possession',
        'the signature of the PKCS #10 request does not verify',
      );
    checkKey(alias, request.publicKey);
    const { challengePassword } = request;
    const { authority, generation, addressed } = opened.recipient;
    const protection = replyProtection({ alias, signer, opened, challengePassword });
    asked.protect(protection);
    return this.enrolment.enrol({
      id: arrival.id,
      receivedAt: arrival.receivedAt,
      alias,
      configurationVersion: arrival.configurationVersion,
      authority,
      generation,
      addressed,
      transactionID: message.transactionID,
      messageType: MESSAGE_TYPE_NUMBERS[reading.messageType],
      certificationRequest: request,
      renewal: reading.renewedIssuer && {
        certificate: signer,
        issuer: reading.renewedIssuer,
        enrolsOtherwise: isForSigner && reading.messageType === 'PKCSReq',
        cameInTime: false,
      },
      builtIn,
      byRa: reading.byRa === true,
      signerKey: signer.publicKey,
      answeredByPassword: protection.kind === 'password',
      messageHash: () => sha256(asked.bytes),
      source: arrival.source,
      journal,
    });
  }
}

function readRequest(content: Buffer): CertificationRequest {
  try {
    return readDerOrBer(content, (der) => CertificationRequest.read(der), MAX_BER_ELEMENTS);
  } catch (cause) {
    if (!(cause instanceof DerError)) throw cause;
    throw envelopeUnreadable(`the content is no PKCS #10 request: ${cause.message}`);
  }
}

function publicKeyOf(request: CertificationRequest): PublicKey {
  try {
    return request.publicKey;
  } catch (cause) {
    if (!(cause instanceof DerError)) throw cause;
    throw unproven('signer-key-mismatch', 'request.key', `the key of the PKCS #10 request: ${cause.message}`);
  }
}
