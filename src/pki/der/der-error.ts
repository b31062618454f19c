/** Thrown when bytes are not the DER structure that was asked for. The message names the structure, never its content. */
export class DerError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'DerError';
  }
}
