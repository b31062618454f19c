/** The database's schema does not fit this release. The message says what the operator can do; it holds no secret. */
export class SchemaError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SchemaError';
  }
}
