import { setTimeout as delay } from 'node:timers/promises';
import { type EnrolmentMessage, readEnrolmentReply } from '../../src/client/enrolment-message';
import { type Endpoint, HttpConnection, type HttpReply, requestBytes } from '../../bench/http-connection';

/** What a client got in the end, not read yet: reading costs more than enrolling, and is left for afterwards. */
export interface ClientOutcome {
  readonly message: EnrolmentMessage;
  /** Undefined if it gave up before. */
  readonly reply: HttpReply | undefined;
  /** How many requests remained without an answer, or were answered with 503. */
  readonly lost: number;
}

const PAUSE_MS = 50;
const MAX_ATTEMPTS = 2000;

/** A client that sends the same message until it gets an answer, or gives up at the first loss. */
export class RetryingClient {
  /**
   * @param endpoint the gateway
   * @param target request target of the alias, without the query
   * @param message what to send
   * @param givesUp whether it stops at the first loss
   */
  constructor(
    private readonly endpoint: Endpoint,
    private readonly target: string,
    private readonly message: EnrolmentMessage,
    private readonly givesUp: boolean,
  ) {}

  /**
   * Asks until there is another answer than HTTP 503.
   *
   * @param hopeless aborted when there will be none; then it throws the signal's reason
   */
  async enrol(hopeless: AbortSignal): Promise<ClientOutcome> {
    const { message } = this;
    for (let lost = 0; lost < MAX_ATTEMPTS; lost++) {
      hopeless.throwIfAborted();
      const reply = await this.ask();
      if (reply !== undefined && reply.status !== 503) return { message, reply, lost };
      if (this.givesUp) return { message, reply: undefined, lost: lost + 1 };
      await delay(PAUSE_MS);
    }
    throw new Error(`${message.transactionID}: no answer after ${MAX_ATTEMPTS} attempts`);
  }

  private async ask(): Promise<HttpReply | undefined> {
    const connection = new HttpConnection(this.endpoint, false);
    try {
      return await connection.send(
        requestBytes('POST', `${this.target}?operation=PKIOperation`, this.endpoint, this.message.bytes),
      );
    } catch {
      return undefined;
    } finally {
      connection.close();
    }
  }
}

/**
 * Serial number of the certificate that a client got, in hexadecimal digits; undefined if it gave up. Throws for any
 * answer that is not a CertRep, signed by the CA, with a certificate for the client's own key.
 */
export async function serialNumberIn({ message, reply }: ClientOutcome): Promise<string | undefined> {
  if (reply === undefined) return undefined;
  const { transactionID: username } = message;
  if (reply.status !== 200) throw new Error(`${username}: HTTP ${reply.status}: ${reply.body.toString('latin1')}`);
  const read = await readEnrolmentReply(reply.body, message);
  if (read.pkiStatus !== 'SUCCESS') throw new Error(`${username}: ${JSON.stringify(read)}`);
  return read.certificate.serialHex;
}
