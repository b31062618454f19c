import type { LoggerService } from '@nestjs/common';
import { pino } from 'pino';
import type { DestinationStream } from 'pino';

/** The one logger type of the product: structured, one JSON line per event on standard output. */
export type Logger = pino.Logger;

/** Injection token of the {@link Logger}. */
export const LOGGER = Symbol('Logger');

/** Levels that `LOG_LEVEL` may name, most severe first. */
export const LOG_LEVELS = ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;

/** One of {@link LOG_LEVELS}. */
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Names of fields whose value never reaches a log, at the top of a record or one or two levels down. */
const SECRET_FIELDS = [
  'password',
  'passphrase',
  'secret',
  'token',
  'adminToken',
  'authorization',
  'cookie',
  'challengePassword',
  'enrolmentCode',
  'privateKey',
  'pkcs12',
  'databaseUrl',
];

/**
 * Creates the process's logger.
 *
 * @param level least severe level that is written
 * @param destination where the lines go; standard output unless given
 */
export function createLogger(level: LogLevel, destination?: DestinationStream): Logger {
  const options: pino.LoggerOptions = {
    level,
    base: { pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    serializers: { err: describeError },
    redact: { paths: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]), censor: '[secret]' },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

/** What of an error is logged. */
interface DescribedError {
  readonly type: string;
  readonly message: string;
  readonly code?: unknown;
  readonly rule?: unknown;
  readonly explanation?: unknown;
  readonly stack?: string;
  readonly cause?: DescribedError;
}

const MAXIMUM_CAUSES = 5;

/**
 * An error as the log shows it: an explicit choice of fields, because those of the database driver also carry the
 * statement's parameters and the failing row.
 */
function describeError(error: unknown, depth = 0): DescribedError {
  if (!(error instanceof Error)) return { type: typeof error, message: 'not an Error object' };
  const { code, rule, explanation } = error as { code?: unknown; rule?: unknown; explanation?: unknown };
  return {
    type: error.name,
    message: error.message,
    ...(code === undefined ? {} : { code }),
    ...(rule === undefined ? {} : { rule }),
    ...(explanation === undefined ? {} : { explanation }),
    ...(error.stack === undefined ? {} : { stack: error.stack }),
    ...(error.cause === undefined || depth >= MAXIMUM_CAUSES ? {} : { cause: describeError(error.cause, depth + 1) }),
  };
}

/** Routes what Nest itself logs into the process's logger; Nest's chatter while starting is of level debug. */
export class NestLogger implements LoggerService {
  /** @param logger where Nest's lines go */
  constructor(private readonly logger: Logger) {}

  log(message: unknown, ...rest: unknown[]): void {
    this.write('debug', message, rest);
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.write('error', message, rest);
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.write('warn', message, rest);
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.write('debug', message, rest);
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.write('trace', message, rest);
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.write('fatal', message, rest);
  }

  private write(level: 'fatal' | 'error' | 'warn' | 'debug' | 'trace', message: unknown, rest: unknown[]): void {
    const texts = rest.filter((part) => typeof part === 'string');
    const context = texts.at(-1);
    if (message instanceof Error) this.logger[level]({ err: message, context }, message.message);
    else if (typeof message === 'string') this.logger[level]({ context, ...stackOf(level, texts) }, message);
    else this.logger[level]({ context }, 'a message that is no text');
  }
}

// Nest passes the stack as the text before the context.
function stackOf(level: string, texts: string[]): { stack?: string } {
  const stack = level === 'error' ? texts.at(-2) : undefined;
  return stack === undefined ? {} : { stack };
}
