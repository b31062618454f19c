import { Inject, Injectable, type CanActivate, type ExecutionContext, HttpException } from '@nestjs/common';
import type { Response } from 'express';
import { CLOCK, type Clock } from '../common/clock';
import { LOGGER, type Logger } from '../common/logger';
import { ServiceError } from '../common/service-error';
import { CONFIG, type Config } from '../config/environment';
import { AdministratorToken, FIRST_ADMINISTRATOR } from '../listeners/administrator-token';
import { clientAddress, trustProxies, type ProxyTrust } from '../listeners/client-address';
import { FailureLimit } from '../listeners/failure-limit';
import type { AuthenticatedRequest } from './actor.decorator';

// RFC 6750 section 2.1; the scheme's case does not matter (RFC 9110 section 11.1).
const BEARER = /^Bearer +([A-Za-z0-9._~+/-]+=*) *$/i;

/** Lets in whoever has the administrator's token; it stands before every route. */
@Injectable()
export class BearerTokenGuard implements CanActivate {
  private readonly token: AdministratorToken;
  private readonly trust: ProxyTrust;
  private readonly limit: FailureLimit;

  constructor(
    @Inject(CONFIG) config: Config,
    @Inject(CLOCK) clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.token = new AdministratorToken(config);
    this.trust = trustProxies(config.trustedProxies);
    this.limit = new FailureLimit(clock);
  }

  canActivate(context: ExecutionContext): boolean {
    const http = context.switchToHttp();
    const request = http.getRequest<AuthenticatedRequest>();
    const address = clientAddress(request, this.trust);
    const token = BEARER.exec(request.headers.authorization ?? '')?.[1];
    // The right token comes through in any case: behind a proxy, failures of one would lock out all, and no limit keeps a
    // token from being guessed better than its length does.
    if (token !== undefined && this.token.isRight(token)) {
      request.actor = FIRST_ADMINISTRATOR;
      return true;
    }
    const wait = this.limit.waitFor(address);
    if (wait > 0) {
      http.getResponse<Response>().setHeader('Retry-After', String(wait));
      throw new HttpException('', 429);
    }
    this.limit.failed(address);
    this.logger.warn({ address, given: token !== undefined }, 'an administrator could not be authenticated');
    throw new ServiceError('unauthenticated', 'this needs the bearer token of an administrator');
  }
}
