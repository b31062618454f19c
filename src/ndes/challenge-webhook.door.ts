import { Inject, Injectable } from '@nestjs/common';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Alias } from '../aliases/alias';
import { AliasCatalogue } from '../aliases/alias-catalogue';
import { OneTimeChallenges } from '../challenges/one-time/one-time-challenges';
import { oneTimeLimits } from '../challenges/one-time/one-time-settings';
import { LOGGER, type Logger } from '../common/logger';
import { ServiceError } from '../common/service-error';
import type { AdminDoor } from '../listeners/admin-door';
import { readRequestTarget } from '../listeners/request-target';
import { comesFromAnotherSite } from './another-site';
import { BASIC_CHALLENGE } from './basic-credentials';
import { asksForChallenge } from './challenge-event';
import { Visitors } from './visitor';

/** What is answered: text, and nothing but the challenge where there is one, for that is what programs read. */
interface Answer {
  readonly status: number;
  readonly text: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const PATH = /^\/scep-challenge\/([A-Za-z0-9_-]{1,32})$/;

/** An event has some hundred bytes. */
const LONGEST_BODY = 65_536;

const RETRY_AFTER_SECONDS = '5';

/**
 * Hands out one-time challenges to MDM servers that ask for one by the event `SCEPChallenge` of their webhooks, as they ask
 * a service of their customer's: POST with Basic, answered with the bare challenge (docs/challenges.md).
 */
@Injectable()
export class ChallengeWebhookDoor implements AdminDoor {
  constructor(
    private readonly aliases: AliasCatalogue,
    private readonly visitors: Visitors,
    private readonly challenges: OneTimeChallenges,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  owns(path: string): boolean {
    return PATH.test(path);
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { status, text, headers } = await this.answer(request).catch((error: unknown) => this.failure(error));
    response.writeHead(status, {
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
      'Content-Type': 'text/plain; charset=utf-8',
      'Content-Length': Buffer.byteLength(text),
      ...headers,
    });
    response.end(text);
  }

  private async answer(request: IncomingMessage): Promise<Answer> {
    const [, name = ''] = PATH.exec(readRequestTarget(request)?.path ?? '') ?? [];
    if (request.method !== 'POST') return refusal(405, 'a challenge is asked for by POST', { Allow: 'POST' });
    if (comesFromAnotherSite(request)) return refusal(403, 'this is not for pages of other servers');
    const admission = await this.visitors.admit(request);
    if (admission.visitor === undefined)
      return admission.wait > 0
        ? refusal(429, 'too many failed attempts from this address', { 'Retry-After': String(admission.wait) })
        : refusal(401, 'this needs the name and password of an RA account', { 'WWW-Authenticate': BASIC_CHALLENGE });
    const { visitor } = admission;
    const alias = (await this.aliases.get()).byName(name);
    // Who has no business with an alias is not told whether there is one.
    if (!alias?.enabled || !visitor.mayFetch(alias.id))
      return refusal(403, 'this account may fetch no challenges of an alias of that name');
    if (!asksForChallenge(await bodyOf(request)))
      return refusal(400, 'the body is to be the JSON of a webhook whose webhookEvent is SCEPChallenge');
    return this.issue(alias, visitor.actor);
  }

  private async issue(alias: Alias, issuedBy: string): Promise<Answer> {
    const { id: aliasId, name: aliasName, challenge } = alias;
    if (challenge.kind !== 'one-time')
      return refusal(409, `the alias has no one-time challenges: its challenge.kind is ${challenge.kind}`);
    const { format } = challenge.oneTime;
    const limits = oneTimeLimits(challenge.oneTime, format);
    try {
      const order = { aliasId, aliasName, format, ...limits, issuedBy };
      return { status: 200, text: (await this.challenges.issue(order)).challengePassword };
    } catch (error) {
      if (!(error instanceof ServiceError && error.rule === 'challenge.oneTime.maximum')) throw error;
      return refusal(503, error.publicDetail, { 'Retry-After': RETRY_AFTER_SECONDS });
    }
  }

  private failure(error: unknown): Answer {
    this.logger.error({ err: error }, 'a request for a challenge was not answered');
    return refusal(503, "there is none now: the gateway's log says why", { 'Retry-After': RETRY_AFTER_SECONDS });
  }
}

const refusal = (status: number, sentence: string, headers: Readonly<Record<string, string>> = {}): Answer => ({
  status,
  text: `${sentence}\n`,
  headers,
});

/** The body; empty where it is longer than any event. */
async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length <= LONGEST_BODY) chunks.push(chunk);
    else chunks.length = 0;
  }
  return Buffer.concat(chunks);
}
