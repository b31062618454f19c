import type { Alias } from '../../aliases/alias';
import type { ServiceError } from '../../common/service-error';
import type { EnrolmentJournal, IssuedCertificate, OpenApproval } from '../../enrolment/enrolment-request';
import { DerError } from '../../pki/der/der-error';
import type { CertificationRequest } from '../../pki/x509/certification-request';
import type { DistinguishedName } from '../../pki/x509/distinguished-name';
import { requestedTemplates } from '../../pki/x509/requested-template';
import type { RequestRecord } from '../../requests/request-record';
import { FAIL_INFO_NUMBERS } from '../message/fail-info';
import type { ReplyProtection } from '../message/cert-rep.encoder';
import type { ClosedEnvelope, OpenedEnvelope } from '../message/pkcs-pki-envelope.opener';
import type { PkiMessage } from '../message/pki-message.decoder';
import { scepAnswer } from './scep-answer';

/** How a message came. */
export interface Arrival {
  /** Identifies this attempt in the request log (UUID). */
  readonly id: string;
  readonly receivedAt: Date;
  /** Address of the client. */
  readonly source: string;
  /** HTTP method. */
  readonly method: string;
  /** Version of the configuration that the alias is of. */
  readonly configurationVersion: bigint;
}

/**
 * Collects what a message turns out to hold while it is worked on, and makes the request log's record of it: enough to
 * see in one look why it was refused. The challengePassword never enters.
 */
export class RequestJournal implements EnrolmentJournal {
  private envelope: ClosedEnvelope | undefined;
  private request: CertificationRequest | undefined;
  private answer: ReplyProtection['kind'] | undefined;
  private authority: string | undefined;
  private username: string | undefined;
  private asked: Buffer | undefined;

  constructor(
    private readonly alias: Alias,
    private readonly arrival: Arrival,
    private readonly message: PkiMessage,
  ) {}

  /** The envelope could be opened, with a key of this authority. */
  envelopeOpened(opened: OpenedEnvelope, authority: string): void {
    this.envelopeInspected(opened, authority);
  }

  /** This is what the envelope says in clear; it is addressed to this authority, or to none. */
  envelopeInspected(envelope: ClosedEnvelope, authority: string | undefined): void {
    this.envelope = envelope;
    this.authority = authority;
  }

  /** The content is this request. */
  requestRead(request: CertificationRequest): void {
    this.request = request;
  }

  /** A SUCCESS will be encrypted in this way. */
  protectedBy(kind: ReplyProtection['kind']): void {
    this.answer = kind;
  }

  /** The request stands for this user. */
  usernameFound(username: string): void {
    this.username = username;
  }

  /** A query is for the certificate with this serial number (content octets of its INTEGER). */
  certificateAsked(serialNumber: Buffer): void {
    this.asked = serialNumber;
  }

  /** Record of a query that was answered. */
  answered(): RequestRecord {
    return { ...this.common(), outcome: 'answered' };
  }

  issued(certificate: IssuedCertificate, repeated: boolean): RequestRecord {
    return {
      ...this.common(),
      outcome: repeated ? 'repeated' : 'issued',
      username: certificate.username,
      serialNumber: certificate.serialNumber,
    };
  }

  pending(approval: OpenApproval): RequestRecord {
    return {
      ...this.common(),
      outcome: 'pending',
      username: approval.username ?? this.username,
      rule: 'approval',
      explanation: `waits for an officer until ${approval.expiresAt.toISOString()}: approval ${approval.id}`,
    };
  }

  /** Record of a refusal. */
  refused(error: ServiceError): RequestRecord {
    const answer = scepAnswer(error.code);
    return {
      ...this.common(),
      outcome: 'failInfo' in answer ? 'refused' : 'failed',
      failInfo: 'failInfo' in answer ? FAIL_INFO_NUMBERS[answer.failInfo] : undefined,
      errorCode: error.code,
      rule: error.rule,
      explanation: error.explanation ?? error.publicDetail,
    };
  }

  private common(): Omit<RequestRecord, 'outcome'> {
    const { alias, arrival, message, request } = this;
    return {
      id: arrival.id,
      receivedAt: arrival.receivedAt,
      alias: alias.name,
      source: arrival.source,
      method: arrival.method,
      messageType: message.messageType ?? message.messageTypeText,
      transactionID: message.transactionID,
      username: this.username,
      subject: request && readable(() => abridged(request.subject)),
      authority: this.authority,
      decoded: this.decoded(),
    };
  }

  private decoded(): Record<string, unknown> {
    const { message, envelope, request } = this;
    const { signer } = message;
    return {
      digest: message.digest,
      signingTime: message.signingTime?.toISOString(),
      signer: readable(() => ({
        subject: abridged(signer.subject),
        issuer: abridged(signer.issuer),
        serialNumber: signer.serialHex,
        selfIssued: signer.isSelfIssued,
        notBefore: signer.notBefore.toISOString(),
        notAfter: signer.notAfter.toISOString(),
      })),
      envelope: envelope && {
        cipher: envelope.cipher,
        keyTransport: envelope.keyTransport.scheme,
        recipient: envelope.recipient?.certificate.subject.toString(),
        // Generations of a CA have one name.
        recipientSerialNumber: envelope.recipient?.certificate.serialHex,
      },
      answer: this.answer,
      asked: this.asked?.toString('hex'),
      request: request && {
        subject: readable(() => abridged(request.subject)),
        key: readable(() => `${request.publicKey.type} ${request.publicKey.bits}`),
        publicKeyHash: readable(() => request.publicKey.hash.toString('hex')),
        extensions: request.extensions.map((extension) => extension.oid),
        templates: readable(() => noneIfEmpty(requestedTemplates(request))),
        hasChallengePassword: request.challengePassword !== undefined,
      },
    };
  }
}

/** The log keeps no more of a text. */
const LONGEST_NAME = 2000;

const abridged = (name: DistinguishedName): string => name.abridged(LONGEST_NAME);

/** Most requests name no template, and nobody misses an empty list. */
const noneIfEmpty = (list: readonly string[]): readonly string[] | undefined => (list.length > 0 ? list : undefined);

/** What is read only when it is asked for can turn out to be malformed; that is no reason to lose the record. */
function readable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof DerError) return undefined;
    throw error;
  }
}
