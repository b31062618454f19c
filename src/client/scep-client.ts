import type { Clock } from '../common/clock';
import type { RandomSource } from '../common/random-source';
import { type CaCertificates, readCaCertificates } from './ca-certificates';
import { CaCapabilities } from './ca-capabilities';
import {
  encodeEnrolment,
  encodePoll,
  type Enrolment,
  type EnrolmentMessage,
  type EnrolmentReply,
  readEnrolmentReply,
} from './enrolment-message';
import { httpRefusal } from './http-refusal';
import { HttpTransport, type ScepTransport, type TransportResponse } from './http-transport';
import { readNextCaCertificates } from './next-ca-certificates';
import { ScepClientError } from './scep-client-error';

/** Settings of a {@link ScepClient}. */
export interface ScepClientOptions {
  /** The server's SCEP URL, without the query. */
  readonly url: string;
  readonly clock: Clock;
  readonly random: RandomSource;
  /** Goes into `message` of GetCACaps, GetCACert and GetNextCACert; left out where there is none. */
  readonly caIdentifier?: string | undefined;
  /** By default HTTP without a proxy. */
  readonly transport?: ScepTransport;
}

/** How a message is sent. */
export type SendMethod = 'GET' | 'POST';

/** A SCEP client (RFC 8894 section 4) for one URL. It keeps nothing between its operations. */
export class ScepClient {
  private readonly transport: ScepTransport;

  constructor(private readonly options: ScepClientOptions) {
    this.transport = options.transport ?? new HttpTransport();
  }

  /**
   * GetCACaps. A server that refuses it has no capabilities (RFC 8894 section 3.5.2).
   *
   * @throws ScepClientError when there is no answer at all
   */
  async getCaCaps(): Promise<CaCapabilities> {
    const response = await this.get('GetCACaps', this.options.caIdentifier);
    return CaCapabilities.read(response.status === 200 ? response.body : Buffer.alloc(0));
  }

  /**
   * GetCACert.
   *
   * @throws ScepClientError when there is no answer, or none with certificates
   */
  async getCaCert(): Promise<CaCertificates> {
    const response = await this.get('GetCACert', this.options.caIdentifier);
    if (response.status !== 200) throw httpRefusal('GetCACert', response);
    return readCaCertificates(response.body);
  }

  /**
   * GetNextCACert: the CA certificates to come.
   *
   * @param present what {@link getCaCert} gave, for the answer is signed by that
   * @throws ScepClientError when there is none, or it is not signed by the present CA
   */
  async getNextCaCert(present: CaCertificates): Promise<CaCertificates> {
    const response = await this.get('GetNextCACert', this.options.caIdentifier);
    if (response.status !== 200) throw httpRefusal('GetNextCACert', response);
    return readNextCaCertificates(response.body, present);
  }

  /** Builds the message of an enrolment without sending it; its public key operations and signatures are done here. */
  encode(enrolment: Enrolment, ca: CaCertificates): Promise<EnrolmentMessage> {
    return encodeEnrolment(enrolment, ca, this.options.clock.now(), this.options.random);
  }

  /** Builds the message that asks what became of an enrolment which waits for its CA, without sending it. */
  encodePoll(enrolment: Enrolment, ca: CaCertificates): Promise<EnrolmentMessage> {
    return encodePoll(enrolment, ca, this.options.clock.now(), this.options.random);
  }

  /**
   * PKIOperation: sends DER of a pkiMessage.
   *
   * @returns DER of what should be a CertRep
   * @throws ScepClientError when there is no answer, or one that is no pkiMessage
   */
  async send(message: Buffer, method: SendMethod): Promise<Buffer> {
    const response =
      method === 'POST'
        ? await this.transport.send(this.operationUrl('PKIOperation'), message)
        : await this.get('PKIOperation', message.toString('base64'));
    if (response.status !== 200) throw httpRefusal('PKIOperation', response);
    if (response.contentType !== 'application/x-pki-message')
      throw new ScepClientError('PKIOperation was answered with something else than a pkiMessage');
    return response.body;
  }

  /**
   * Enrols or renews: builds the message, sends it and reads the answer.
   *
   * @throws ScepClientError as {@link send}; DerError and ServiceError as {@link readEnrolmentReply}
   */
  async enrol(enrolment: Enrolment, ca: CaCertificates, method: SendMethod): Promise<EnrolmentReply> {
    const message = await this.encode(enrolment, ca);
    return readEnrolmentReply(await this.send(message.bytes, method), message);
  }

  private get(operation: string, message: string | undefined): Promise<TransportResponse> {
    return this.transport.send(this.operationUrl(operation, message));
  }

  private operationUrl(operation: string, message?: string): string {
    const query = message === undefined ? '' : `&message=${encodeURIComponent(message)}`;
    return `${this.options.url}?operation=${operation}${query}`;
  }
}
