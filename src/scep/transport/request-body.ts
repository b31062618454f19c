import type { IncomingMessage } from 'node:http';

import { ServiceError } from '../../common/service-error';

/** More than any SCEP message needs: the largest seen, with a chain of RSA-4096 certificates, is below 16 kB. */
const MAX_MESSAGE_BYTES = 256 * 1024;

/** What the bodies that are still coming may take of a process's memory, all together. */
const MAX_INCOMPLETE_BYTES = 64 * 1024 * 1024;

/** Reads the bodies of requests, and bounds what those that are still coming hold. */
export class RequestBodies {
  private incomplete = 0;

  /** @param maxIncomplete bytes that all bodies that are still coming may have together */
  constructor(private readonly maxIncomplete = MAX_INCOMPLETE_BYTES) {}

  /**
   * The body of a request as bytes, whatever its Content-Type (row I-02).
   * @throws ServiceError `message-too-large`, or `overloaded` if too much is coming at once; the rest of the body is not
   *   read then
   * @throws ServiceError `not-a-pki-message` when the client went away in the middle of it
   */
  async read(request: IncomingMessage): Promise<Buffer> {
    if (Number(request.headers['content-length'] ?? 0) > MAX_MESSAGE_BYTES) throw tooLarge();
    const chunks: Buffer[] = [];
    let size = 0;
    try {
      for await (const chunk of request as AsyncIterable<Buffer>) {
        size += chunk.length;
        this.incomplete += chunk.length;
        if (size > MAX_MESSAGE_BYTES) throw tooLarge();
        if (this.incomplete > this.maxIncomplete)
          throw new ServiceError('overloaded', 'too many requests are coming at once, try again shortly');
        chunks.push(chunk);
      }
    } catch (cause) {
      if (cause instanceof ServiceError) throw cause;
      throw new ServiceError('not-a-pki-message', 'the message ends too early', { cause });
    } finally {
      this.incomplete -= size;
    }
    return chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
  }
}

const tooLarge = (): ServiceError =>
  new ServiceError('message-too-large', `a SCEP message may have ${MAX_MESSAGE_BYTES} bytes at the most`);
