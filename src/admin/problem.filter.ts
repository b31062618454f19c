import { Catch, HttpException, Inject, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { Response } from 'express';
import { LOGGER, type Logger } from '../common/logger';
import { ServiceError } from '../common/service-error';
import { httpProblem, PROBLEM_TYPE, problemOf, type Problem } from './problem';

const RETRY_AFTER_SECONDS = '5';

/** Turns every error into a problem (RFC 9457). What is nobody's fault but ours is logged, and told without detail. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(@Inject(LOGGER) private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<Response>();
    const problem = this.problem(error);
    if (response.headersSent) {
      response.end();
      return;
    }
    // RFC 9110 section 11.6.1 and RFC 6750 section 3.
    if (problem.status === 401) response.setHeader('WWW-Authenticate', 'Bearer realm="scep-gateway"');
    if (problem.status === 503 && !response.hasHeader('Retry-After'))
      response.setHeader('Retry-After', RETRY_AFTER_SECONDS);
    response.status(problem.status).type(PROBLEM_TYPE).send(JSON.stringify(problem));
  }

  private problem(error: unknown): Problem {
    if (error instanceof ServiceError) {
      const problem = problemOf(error);
      if (problem.status >= 500) this.logger.error({ err: error }, 'an administrator was answered with an error');
      return problem;
    }
    const status = clientErrorStatus(error);
    if (status !== undefined) return httpProblem(status);
    this.logger.error({ err: error }, 'an administrator was answered with an error');
    return problemOf(new ServiceError('internal', "something went wrong here: the gateway's log says what"));
  }
}

/** The status of an error of Nest's router, or of the body parser, if it is the client's doing. */
function clientErrorStatus(error: unknown): number | undefined {
  const status: unknown =
    error instanceof HttpException ? error.getStatus() : (error as { status?: unknown } | null)?.status;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : undefined;
}
