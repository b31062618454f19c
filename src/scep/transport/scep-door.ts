import { Inject, Injectable } from '@nestjs/common';
import type { IncomingMessage, ServerResponse } from 'node:http';

import type { Alias } from '../../aliases/alias';
import { AliasCatalogue } from '../../aliases/alias-catalogue';
import { CLOCK, type Clock } from '../../common/clock';
import { LOGGER, type Logger } from '../../common/logger';
import { RANDOM_SOURCE, type RandomSource } from '../../common/random-source';
import { ServiceError } from '../../common/service-error';
import { CONFIG, type Config } from '../../config/environment';
import { clientAddress, type ProxyTrust, trustProxies } from '../../listeners/client-address';
import type { DeviceDoor } from '../../listeners/device-door';
import { readRequestTarget, type RequestTarget } from '../../listeners/request-target';
import { ConfigurationVersion } from '../../database/configuration-version';
import { ConfigurationChanged } from '../../enrolment/configuration-changed';
import { UndecodableCounter } from '../../requests/undecodable-counter';
import { PkiOperation } from '../operations/pki-operation';
import { QueryOperations } from '../operations/query-operations';
import { scepAnswer } from '../operations/scep-answer';
import type { ScepReply } from '../operations/scep-reply';
import { decodeGetMessage } from './message-bytes';
import { NDES_WELCOME } from './ndes-welcome';
import { decodeCaIdentifier, readRawQuery, type ScepQuery } from './raw-query';
import { RequestRates } from './request-rates';
import { RequestBodies } from './request-body';
import { isInScepSpace, readScepPath } from './scep-path';

/** More messages at once than one process can work on within a client's patience; the rest are told to come again. */
const MAX_CONCURRENT = 256;
const RETRY_AFTER_SECONDS = 2;

/** How often a message is begun again because an administrator changed something meanwhile. */
const MAX_BEGINNINGS = 4;

/** SCEP's HTTP side: from request target and body to an operation, and from its reply or error to an HTTP response. */
@Injectable()
export class ScepDoor implements DeviceDoor {
  private concurrent = 0;
  private readonly bodies = new RequestBodies();
  private readonly rates: RequestRates;
  private readonly trust: ProxyTrust;

  constructor(
    private readonly aliases: AliasCatalogue,
    private readonly pkiOperation: PkiOperation,
    private readonly queries: QueryOperations,
    private readonly configurationVersion: ConfigurationVersion,
    private readonly undecodable: UndecodableCounter,
    @Inject(CONFIG) config: Config,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(RANDOM_SOURCE) private readonly random: RandomSource,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.rates = new RequestRates(clock);
    this.trust = trustProxies(config.trustedProxies);
  }

  owns(path: string): boolean {
    return isInScepSpace(path);
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // Now, for a connection that is gone by the time it is asked has no address any more.
    const source = clientAddress(request, this.trust);
    try {
      const reply = await this.answer(request, source);
      send(response, 200, reply.contentType, reply.body);
    } catch (error) {
      this.refuse(request, response, source, error);
    }
  }

  private async answer(request: IncomingMessage, source: string): Promise<ScepReply> {
    const { method = 'GET' } = request;
    const { path, query: rawQuery } = readRequestTarget(request) as RequestTarget;
    if (method !== 'GET' && method !== 'HEAD' && method !== 'POST')
      throw new ServiceError('method-not-allowed', 'SCEP uses GET and POST');
    const alias = await this.alias(path);
    const query = readRawQuery(rawQuery);
    const operation = query.operation?.toLowerCase();
    if (method !== 'POST' && operation === undefined && readScepPath(path)?.kind === 'ndes') return NDES_WELCOME;
    // RFC 8894 section 4.3 knows POST for PKIOperation only, and clients omit the operation or write another one.
    if (method !== 'POST' && operation !== 'pkioperation')
      return this.queries.answer(alias, operation, decodeCaIdentifier(query.message));
    // It changes things, so it is not for a method that is safe by its definition (RFC 9110 section 9.2.1).
    if (method === 'HEAD') throw new ServiceError('method-not-allowed', 'PKIOperation uses GET and POST');
    this.refuseTooMany(alias, source);
    const bytes = method === 'POST' ? await this.bodies.read(request) : this.messageOf(alias, query, source);
    // A message counts once it is complete: clients that send slowly must not keep the others out.
    if (this.concurrent >= MAX_CONCURRENT)
      throw new ServiceError('overloaded', 'too many requests at once, try again shortly');
    this.concurrent++;
    try {
      return await this.pki(path, bytes, { method, source });
    } finally {
      this.concurrent--;
    }
  }

  /** Before anything of the message is looked at, and whatever it is: a poll costs a signature like any other. */
  private refuseTooMany(alias: Alias, source: string): void {
    const retryAfterSeconds = this.rates.secondsUntilNext(alias, source);
    if (retryAfterSeconds === undefined) return;
    // Counted, not logged one by one: that would cost what the limit is to save.
    this.undecodable.count({ alias: alias.name, cause: 'more requests than limits.requestsPerMinute', source });
    throw new ServiceError('overloaded', 'too many requests from this address, try again later', {
      rule: 'limits.requestsPerMinute',
      retryAfterSeconds,
    });
  }

  private async pki(
    path: string,
    bytes: Buffer,
    { method, source }: { readonly method: string; readonly source: string },
  ): Promise<ScepReply> {
    const arrival = { id: this.random.uuid(), receivedAt: this.clock.now(), source, method };
    for (let beginning = 1; ; beginning++) {
      // The version comes before what is of that version.
      const configurationVersion = this.configurationVersion.observed;
      const alias = await this.alias(path);
      try {
        return await this.pkiOperation.answer(alias, bytes, { ...arrival, configurationVersion });
      } catch (error) {
        if (!(error instanceof ConfigurationChanged)) throw error;
        if (beginning === MAX_BEGINNINGS)
          throw new ServiceError('overloaded', 'the configuration is being changed, try again shortly');
      }
    }
  }

  private async alias(path: string): Promise<Alias> {
    const catalogue = await this.aliases.get();
    const named = readScepPath(path);
    const alias =
      named === undefined
        ? undefined
        : named.name === undefined
          ? catalogue.answeringNdesPath()
          : catalogue.byName(named.name);
    if (alias === undefined || !alias.enabled)
      throw new ServiceError(
        'alias-not-found',
        'this path names no SCEP alias; the URL is /scep/{alias}/pkiclient.exe',
      );
    return alias;
  }

  private messageOf(alias: Alias, query: ScepQuery, source: string): Buffer {
    const bytes = query.message === undefined ? undefined : decodeGetMessage(query.message);
    if (bytes !== undefined) return bytes;
    this.undecodable.count({
      alias: alias.name,
      cause: query.message === undefined ? 'PKIOperation without message' : 'message is no base64',
      source,
    });
    throw new ServiceError(
      'not-a-pki-message',
      'PKIOperation by GET needs a message parameter of percent-encoded base64',
    );
  }

  private refuse(request: IncomingMessage, response: ServerResponse, source: string, error: unknown): void {
    const known =
      error instanceof ServiceError
        ? error
        : new ServiceError('internal', 'something went wrong here', { cause: error });
    const answer = scepAnswer(known.code);
    const status = 'httpStatus' in answer ? answer.httpStatus : 400;
    // Under load the log must not become a load of its own.
    if (known.code === 'overloaded') this.logger.warn({ source }, 'overloaded');
    else if (known.code === 'alias-unavailable')
      this.logger.warn({ source, reason: known.explanation }, 'not available');
    else if (status >= 500) this.logger.error({ err: known.cause ?? known, code: known.code, source }, 'not answered');
    if (status === 503) response.setHeader('Retry-After', known.retryAfterSeconds ?? RETRY_AFTER_SECONDS);
    if (status === 405) response.setHeader('Allow', 'GET, HEAD, POST');
    // The rest of a body that was not read would be taken for the next request.
    if (!request.complete) response.setHeader('Connection', 'close');
    send(response, status, 'text/plain', Buffer.from(`${known.publicDetail}\n`, 'utf8'));
  }
}

/** Always with a length and never chunked, for HTTP/1.0 clients that read to the end of the connection (row I-06). */
function send(response: ServerResponse, status: number, contentType: string, body: Buffer): void {
  response.writeHead(status, { 'Content-Type': contentType, 'Content-Length': body.length });
  response.end(body);
}
