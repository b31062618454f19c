import { Inject, Injectable } from '@nestjs/common';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Alias } from '../aliases/alias';
import { AliasCatalogue } from '../aliases/alias-catalogue';
import { AuthorityCatalogue } from '../authorities/authority-catalogue';
import { LOGGER, type Logger } from '../common/logger';
import { ServiceError } from '../common/service-error';
import type { AdminDoor } from '../listeners/admin-door';
import { readRequestTarget } from '../listeners/request-target';
import { comesFromAnotherSite } from './another-site';
import { BASIC_CHALLENGE } from './basic-credentials';
import { ChallengeSource } from './challenge-source';
import { cacheFullPage, noPermissionPage, passwordPage, plainPage } from './ndes-page';
import { readNdesPath } from './ndes-path';
import { encodePage, type EncodedPage } from './page-encoding';
import { Visitors, type Visitor } from './visitor';

/** A page with its status; encoded in UTF-8 unless it says otherwise. */
interface Answer {
  readonly status: number;
  readonly html: string;
  readonly encoding?: Alias['ndes']['encoding'];
  readonly headers?: Readonly<Record<string, string>>;
}

const RETRY_AFTER_SECONDS = '5';

/** Of every answer: nothing of it may be kept, shown inside of another page, or taken for anything but a page. */
const HEADERS = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
} as const;

/** NDES's page: hands out challenges, one for each time that it is loaded (docs/ndes.md). */
@Injectable()
export class NdesDoor implements AdminDoor {
  constructor(
    private readonly aliases: AliasCatalogue,
    private readonly authorities: AuthorityCatalogue,
    private readonly visitors: Visitors,
    private readonly source: ChallengeSource,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  owns(path: string): boolean {
    return readNdesPath(path) !== undefined;
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const answer = await this.answer(request).catch((error: unknown) => this.failure(error));
    const page = encodePage(answer.html, answer.encoding ?? 'utf-8');
    const headers = { ...HEADERS, 'Content-Type': contentType(page, request), 'Content-Length': page.body.length };
    response.writeHead(answer.status, { ...headers, ...answer.headers });
    response.end(page.body);
  }

  private async answer(request: IncomingMessage): Promise<Answer> {
    const path = readNdesPath(readRequestTarget(request)?.path ?? '');
    if (path === undefined) throw new Error('the door was given a path of another');
    // Each page that is loaded takes a password out of few, so HEAD, which promises to do nothing, is not for it either.
    if (request.method !== 'GET') return refusal(405, 'This page is fetched by GET.', { Allow: 'GET' });
    if (path.redirectTo !== undefined) return refusal(301, 'The page is elsewhere.', { Location: path.redirectTo });
    if (comesFromAnotherSite(request)) return refusal(403, 'This page is not for links on pages of other servers.');
    const admission = await this.visitors.admit(request);
    if (admission.visitor === undefined)
      return admission.wait > 0
        ? refusal(429, 'Too many failed attempts from this address.', { 'Retry-After': String(admission.wait) })
        : refusal(401, 'This needs the name and password of an RA account.', { 'WWW-Authenticate': BASIC_CHALLENGE });
    return this.page(path.alias, admission.visitor);
  }

  private async page(name: string | undefined, visitor: Visitor): Promise<Answer> {
    const catalogue = await this.aliases.get();
    const alias = name === undefined ? catalogue.answeringNdesPath() : catalogue.byName(name);
    if (!alias?.enabled) return refusal(404, NO_ALIAS);
    const { encoding } = alias.ndes;
    // Programs look for this one, and for that which follows, in pages of status 200.
    if (!visitor.mayFetch(alias.id)) return { status: 200, html: noPermissionPage(), encoding };
    const thumbprint = await this.thumbprint(alias);
    const fetched = await this.source.fetch(alias, visitor.actor);
    if (fetched.kind === 'none') return refusal(404, fetched.reason);
    if (fetched.kind === 'full') return { status: 200, html: cacheFullPage(), encoding };
    const { password, once, minutes } = fetched;
    return { status: 200, html: passwordPage({ thumbprint, password, once, minutes }), encoding };
  }

  /** MD5 of the certificate of the CA that the alias speaks for where a device names none. */
  private async thumbprint(alias: Alias): Promise<Buffer> {
    const authority = (await this.authorities.get()).byId.get(alias.authorityIds[0] ?? 0);
    if (authority === undefined)
      throw new ServiceError('authority-unavailable', `the authority of alias ${alias.name} cannot answer now`);
    return authority.generations.current.certificate.fingerprint('md5');
  }

  private failure(error: unknown): Answer {
    this.logger.error({ err: error }, "a request for NDES's page was not answered");
    return refusal(503, "There is no page now: the gateway's log says why.", { 'Retry-After': RETRY_AFTER_SECONDS });
  }
}

const NO_ALIAS =
  'There is no alias here. This path is for the alias that has answersNdesPath set; /certsrv/{alias}/mscep_admin/ is for any.';

const refusal = (status: number, sentence: string, headers: Readonly<Record<string, string>> = {}): Answer => ({
  status,
  html: plainPage(sentence),
  headers,
});

/** A browser that shows the page is told how to read it; programs, which do not ask like one, are to get bare bytes. */
function contentType({ contentType: bare, charset }: EncodedPage, { headers }: IncomingMessage): string {
  return headers['sec-fetch-dest'] === 'document' && !bare.includes('charset') ? `${bare}; charset=${charset}` : bare;
}
