/** Which of the services did not answer. */
export type IntunePart = 'login' | 'discovery' | 'validation' | 'revocation';

/** What may accompany an {@link IntuneUnavailable}. */
export interface IntuneUnavailableOptions {
  /** In how many seconds the service wants to be asked again, if it said so. */
  readonly retryAfterSeconds?: number | undefined;
  readonly cause?: unknown;
}

/**
 * The service gave no answer from which anything follows: it could not be reached, was too busy, would not know us, or said
 * what makes no sense. Nobody can tell whether the request is right, nor whether a notification got through. The message is
 * for the administrator; there is neither token nor key nor challenge in it.
 */
export class IntuneUnavailable extends Error {
  readonly retryAfterSeconds: number | undefined;

  /** @param message one clause without a full stop */
  constructor(
    readonly part: IntunePart,
    message: string,
    { retryAfterSeconds, cause }: IntuneUnavailableOptions = {},
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'IntuneUnavailable';
    this.retryAfterSeconds = retryAfterSeconds;
  }
}
