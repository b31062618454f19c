import type { ExitCode } from './exit-code';

/** Ends a command: the message is for the person who typed it and holds no secret. */
export class CommandError extends Error {
  /**
   * @param exitCode how the process ends
   * @param message one or more lines, the first one a sentence
   */
  constructor(
    readonly exitCode: ExitCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'CommandError';
  }
}
