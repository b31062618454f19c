import type { ErrorCode } from './error-code';

/** What may accompany a {@link ServiceError} besides its public detail. */
export interface ServiceErrorOptions {
  /** The error that led to this one; logged, never shown. */
  readonly cause?: unknown;
  /**
   * The rule that decided, for the request log and the administrator: a short stable name such as
   * `end-entity.status`. Never holds a secret.
   */
  readonly rule?: string;
  /**
   * What the administrator is told beyond the public detail, which the device must not learn (that the user is unknown,
   * that the end entity is locked). Never holds a secret.
   */
  readonly explanation?: string;
  /** Where the other side is to come again: not before so many seconds. */
  readonly retryAfterSeconds?: number | undefined;
  /** For `invalid-input`: what is wrong with which field. Values are never repeated. */
  readonly fields?: readonly { readonly field: string; readonly message: string }[];
}

/**
 * The one error class of the product. `publicDetail` may reach the other side whoever that is, so it names no secret and
 * nothing that could serve as an oracle.
 */
export class ServiceError extends Error {
  readonly rule: string | undefined;
  readonly explanation: string | undefined;
  readonly retryAfterSeconds: number | undefined;
  readonly fields: readonly { readonly field: string; readonly message: string }[];

  /**
   * @param code the reason, from the closed list
   * @param publicDetail a sentence for the other side
   */
  constructor(
    readonly code: ErrorCode,
    readonly publicDetail: string,
    options: ServiceErrorOptions = {},
  ) {
    super(`${code}: ${publicDetail}`, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'ServiceError';
    this.rule = options.rule;
    this.explanation = options.explanation;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.fields = options.fields ?? [];
  }
}
