/** The gateway's own PostgreSQL cannot run. The message says what the operator can do about it; it holds no secret. */
export class EmbeddedDatabaseError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'EmbeddedDatabaseError';
  }
}

/** The way out that works everywhere. */
export const USE_DATABASE_URL = 'set DATABASE_URL to use a PostgreSQL server of your own';
