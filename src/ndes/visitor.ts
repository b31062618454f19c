import { Inject, Injectable } from '@nestjs/common';
import type { IncomingMessage } from 'node:http';
import { CLOCK, type Clock } from '../common/clock';
import { LOGGER, type Logger } from '../common/logger';
import { CONFIG, type Config } from '../config/environment';
import { AdministratorToken, FIRST_ADMINISTRATOR } from '../listeners/administrator-token';
import { clientAddress, trustProxies, type ProxyTrust } from '../listeners/client-address';
import { FailureLimit } from '../listeners/failure-limit';
import { RaAccountLogin } from '../ra-accounts/ra-account.login';
import { readBasicCredentials } from './basic-credentials';

/** Somebody who has shown who he is. */
export interface Visitor {
  /** For the audit log. */
  readonly actor: string;
  /** Whether the challenges of this alias are for him. */
  mayFetch(aliasId: number): boolean;
}

/** Somebody, or for how many seconds whoever it is has to wait (0: need not) before the next attempt. */
export type Admission = { readonly visitor: Visitor } | { readonly visitor?: undefined; readonly wait: number };

/** How the holder of an account is called in the audit log; no administrator has a colon in his name. */
const actorOf = (accountName: string): string => `ra-account:${accountName}`;

/** Finds out who visits: the administrator, by his token as the password under any name, or the holder of an RA account. */
@Injectable()
export class Visitors {
  private readonly token: AdministratorToken;
  private readonly trust: ProxyTrust;
  private readonly limit: FailureLimit;

  constructor(
    private readonly login: RaAccountLogin,
    @Inject(CONFIG) config: Config,
    @Inject(CLOCK) clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.token = new AdministratorToken(config);
    this.trust = trustProxies(config.trustedProxies);
    this.limit = new FailureLimit(clock);
  }

  /** Throws what the database throws. */
  async admit(request: IncomingMessage): Promise<Admission> {
    const address = clientAddress(request, this.trust);
    const credentials = readBasicCredentials(request.headers.authorization);
    // Browsers, and programs that wait to be asked, come without first.
    if (credentials === undefined && request.headers.authorization === undefined) return { wait: 0 };
    if (credentials !== undefined && this.token.isRight(credentials.password))
      return { visitor: { actor: FIRST_ADMINISTRATOR, mayFetch: () => true } };
    const attempt = credentials && (await this.login.attempt(credentials.username, credentials.password));
    // Who has the right password comes through in any case: behind a proxy failures of one would lock out all, and no
    // limit keeps a password that the gateway made from being guessed better than its length does.
    if (attempt?.holder !== undefined) {
      const { name, aliasIds } = attempt.holder;
      return { visitor: { actor: actorOf(name), mayFetch: (aliasId) => aliasIds.has(aliasId) } };
    }
    const wait = this.limit.waitFor(address);
    if (wait > 0) return { wait };
    this.limit.failed(address);
    // Not what was typed: it may be a password in the wrong field.
    const { known: account, disabled } = attempt ?? {};
    this.logger.warn({ address, account, disabled }, "somebody could not be authenticated at NDES's page");
    return { wait: 0 };
  }
}
