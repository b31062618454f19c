import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CertificationRequest } from '../../src/pki/x509/certification-request';
import type { FixedClock } from './fixed-clock';

/** What is called, in the words of the contract. */
export type IntuneCall =
  | 'token'
  | 'endpoints'
  | 'validateRequest'
  | 'successNotification'
  | 'failureNotification'
  | 'downloadRevocationRequests'
  | 'uploadRevocationResults';

/** What a call does instead of what it should. */
export type IntuneFault =
  /** The service's own refusal. */
  | { readonly code: string; readonly description?: string }
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly json?: object }
  /** The body of a success, whatever it is. */
  | { readonly body: string }
  /** The connection breaks off, before anything is done. */
  | { readonly drop: 'before' }
  /** It does what it should, and the connection breaks off before the answer. */
  | { readonly drop: 'after' }
  /** No answer comes until {@link FakeIntune.answerHeld}; what it should do is done then. */
  | { readonly hold: true };

/** One call as it came. */
export interface IntuneRecord {
  readonly call: IntuneCall;
  readonly headers: IncomingMessage['headers'];
  /** JSON, or the fields of a form. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- tests look into bodies of every form
  readonly body: Record<string, any>;
}

const APPLICATION = {
  tenant: 'example.onmicrosoft.test',
  id: '11111111-2222-3333-4444-555555555555',
  key: 'application-key',
};
const INTUNE_APPLICATION = '0000000a-0000-0000-c000-000000000000';
const TOKEN_SECONDS = 3600;
const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/**
 * Microsoft's login, Graph and Intune's two services, as far as a SCEP server sees them
 * (github.com/microsoft/Intune-Resource-Access, src/CsrValidation). It knows which tokens it gave out for what and until when,
 * which requests it found right, and what it was told became of them; it refuses what does not fit to it.
 */
export class FakeIntune {
  readonly calls: IntuneRecord[] = [];
  /** What each challenge that was given to a device is good for: only these validate. */
  readonly challenges = new Set<string>();
  /** A challenge is good for one request. */
  spendsChallenges = false;
  /** What was found right. */
  readonly validated: { transactionId: string; challenge: string }[] = [];
  /** By transactionId: what was issued. */
  readonly issued = new Map<string, Record<string, string>>();
  readonly failed: Record<string, unknown>[] = [];
  /** Certificates that are to be revoked. */
  readonly toRevoke: { requestContext: string; serialNumber: string; issuerName: string; caConfiguration: string }[] =
    [];
  readonly revocationResults: {
    requestContext: string;
    succeeded: boolean;
    errorCode: string;
    errorMessage: unknown;
  }[] = [];
  /** Names under which Graph lists the services. */
  names = { validation: 'ScepRequestValidationFEService', revocation: 'PkiConnectorFEService' };
  applicationKey = APPLICATION.key;

  private readonly faults: { call: IntuneCall; fault: IntuneFault; times: number }[] = [];
  private readonly thumbprints = new Map<string, string>();
  private readonly tokens = new Map<string, { scope: string; until: number }>();
  private held: (() => void)[] = [];
  private waiting: (() => void)[] = [];
  private services: Server;
  private directoryUrl = '';
  private currentServiceUrl = '';

  private constructor(
    private readonly clock: FixedClock,
    private readonly directory: Server,
  ) {}

  /** Starts it on free ports of the loopback interface; tokens live by this clock. */
  static async start(clock: FixedClock): Promise<FakeIntune> {
    const directory = createServer();
    const fake = new FakeIntune(clock, directory);
    directory.on('request', (request, response) => void fake.handle(request, response));
    fake.directoryUrl = await listening(directory);
    await fake.openServices();
    return fake;
  }

  /** `challenge.intune` of an alias that uses it. */
  get settings() {
    const url = `${this.directoryUrl}/`;
    return {
      tenant: APPLICATION.tenant,
      applicationId: APPLICATION.id,
      authority: url,
      graphUrl: url,
      resourceUrl: 'https://api.manage.microsoft.com/',
    };
  }

  /** Where the services are now. */
  get serviceUrl(): string {
    return this.currentServiceUrl;
  }

  /** Lets the next calls of this name fail, one by one in the order in which it was said. */
  fail(call: IntuneCall, fault: IntuneFault, times = 1): void {
    this.faults.push({ call, fault, times });
  }

  /** Nothing fails any more. */
  heal(): void {
    this.faults.length = 0;
  }

  /** All tokens that were given out are worth nothing. */
  revokeTokens(): void {
    this.tokens.clear();
  }

  /** The services are somewhere else from now on: nothing listens where they were. */
  async move(): Promise<void> {
    await this.closeServices();
    await this.openServices();
  }

  /** Nothing listens at the services' address, which Graph still tells. */
  async closeServices(): Promise<void> {
    await closed(this.services);
  }

  /** Calls with this name, oldest first. */
  of(call: IntuneCall): IntuneRecord[] {
    return this.calls.filter((record) => record.call === call);
  }

  /** Resolves once so many calls are held. */
  async heldCalls(count: number): Promise<void> {
    while (this.held.length < count) await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  /** Lets go of all that is held. */
  answerHeld(): void {
    const held = this.held;
    this.held = [];
    for (const answer of held) answer();
  }

  async close(): Promise<void> {
    this.answerHeld();
    await Promise.all([closed(this.directory), closed(this.services)]);
  }

  private async openServices(): Promise<void> {
    this.services = createServer((request, response) => void this.handle(request, response));
    this.currentServiceUrl = await listening(this.services);
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const call = callOf(request.url ?? '');
    const body = await bodyOf(request);
    if (call === undefined) {
      answer(response, 404, { error: `no such path: ${request.url ?? ''}` });
      return;
    }
    this.calls.push({ call, headers: request.headers, body });
    const fault = this.nextFault(call);
    if (fault !== undefined && 'hold' in fault) {
      await new Promise<void>((resolve) => {
        this.held.push(resolve);
        for (const wake of this.waiting.splice(0)) wake();
      });
    }
    if (fault === undefined || 'hold' in fault) this.act(call, request, body, response);
    else if ('code' in fault) answer(response, 200, { code: fault.code, errorDescription: fault.description ?? '' });
    else if ('status' in fault) answer(response, fault.status, fault.json ?? {}, fault.headers);
    else if ('body' in fault) response.writeHead(200, { 'content-type': 'application/json' }).end(fault.body);
    else {
      if (fault.drop === 'after') this.act(call, request, body, undefined);
      request.socket.destroy();
    }
  }

  private nextFault(call: IntuneCall): IntuneFault | undefined {
    const index = this.faults.findIndex((entry) => entry.call === call);
    const entry = this.faults[index];
    if (entry === undefined) return undefined;
    entry.times -= 1;
    if (entry.times === 0) this.faults.splice(index, 1);
    return entry.fault;
  }

  private act(
    call: IntuneCall,
    { headers }: IncomingMessage,
    body: IntuneRecord['body'],
    response: ServerResponse | undefined,
  ): void {
    const { status, json } =
      call === 'token'
        ? this.giveToken(body)
        : (this.unauthorised(call, headers) ??
          misformed(call, headers) ?? { status: 200, json: this.service(call, body) });
    if (response !== undefined) answer(response, status, json);
  }

  private giveToken(form: IntuneRecord['body']): { status: number; json: object } {
    const { grant_type: grant, client_id: id, client_secret: key, scope } = form;
    if (grant !== 'client_credentials' || id !== APPLICATION.id || key !== this.applicationKey)
      return {
        status: 401,
        json: {
          error: 'invalid_client',
          error_description: `AADSTS7000215: Invalid client secret provided: ${String(key)}. Trace ID: 42`,
        },
      };
    const token = `token-${this.tokens.size + 1}-${createHash('sha256').update(String(scope)).digest('hex').slice(0, 8)}-${this.calls.length}`;
    this.tokens.set(token, { scope: String(scope), until: this.clock.now().getTime() + TOKEN_SECONDS * 1000 });
    return { status: 200, json: { token_type: 'Bearer', expires_in: TOKEN_SECONDS, access_token: token } };
  }

  private unauthorised(
    call: IntuneCall,
    { authorization = '' }: IncomingMessage['headers'],
  ): { status: number; json: object } | undefined {
    const token = this.tokens.get(authorization.replace('Bearer ', ''));
    const scope = call === 'endpoints' ? `${this.settings.graphUrl}.default` : `${this.settings.resourceUrl}/.default`;
    const good = token?.scope === scope && token.until > this.clock.now().getTime();
    return good ? undefined : { status: 401, json: { error: 'invalid token' } };
  }

  private service(call: IntuneCall, body: IntuneRecord['body']): object {
    switch (call) {
      case 'endpoints':
        return {
          value: [
            { providerName: 'SomethingElse', uri: 'https://elsewhere.example.test/' },
            { providerName: this.names.validation, uri: `${this.serviceUrl}/RACerts/Validation` },
            { providerName: this.names.revocation, uri: `${this.serviceUrl}/Connector` },
          ],
        };
      case 'validateRequest':
        return verdict(this.validate(body['request'] as Record<string, string>));
      case 'successNotification':
        return verdict(this.succeed(body['notification'] as Record<string, string>));
      case 'failureNotification':
        this.failed.push(body['notification'] as Record<string, unknown>);
        return verdict('Success');
      case 'downloadRevocationRequests':
        return { value: this.open(body['downloadParameters'] as { maxRequests: number; issuerName: string | null }) };
      default:
        return { value: this.report(body['results'] as FakeIntune['revocationResults']) };
    }
  }

  private validate({ transactionId = '', certificateRequest = '' }: Record<string, string>): string {
    const challenge = challengeIn(certificateRequest);
    if (challenge === undefined) return 'CertificateRequestDecodingFailed';
    if (challenge === '') return 'ChallengePasswordMissing';
    if (!this.challenges.has(challenge)) return 'ChallengeDecryptionError';
    if (this.spendsChallenges) this.challenges.delete(challenge);
    this.validated.push({ transactionId, challenge });
    return 'Success';
  }

  /** Another certificate for the same challenge is refused: the device would have two. */
  private succeed(notification: Record<string, string>): string {
    const { transactionId = '', certificateThumbprint, certificateRequest = '' } = notification;
    const challenge = challengeIn(certificateRequest);
    if (!this.validated.some((entry) => entry.transactionId === transactionId && entry.challenge === challenge))
      return 'BadCertificateRequestIdInChallenge';
    const use = `${transactionId}/${challenge ?? ''}`;
    if ((this.thumbprints.get(use) ?? certificateThumbprint) !== certificateThumbprint) return 'Unknown';
    this.thumbprints.set(use, certificateThumbprint ?? '');
    this.issued.set(transactionId, notification);
    return 'Success';
  }

  private open({ maxRequests, issuerName }: { maxRequests: number; issuerName: string | null }): object[] {
    const done = new Set(this.revocationResults.map(({ requestContext }) => requestContext));
    return this.toRevoke
      .filter((entry) => !done.has(entry.requestContext) && (issuerName === null || entry.issuerName === issuerName))
      .slice(0, maxRequests);
  }

  private report(results: FakeIntune['revocationResults']): boolean {
    this.revocationResults.push(...results);
    return true;
  }
}

/** The challengePassword of a PKCS #10 request in base64; undefined where that cannot be read. */
function challengeIn(certificateRequest: string): string | undefined {
  try {
    return CertificationRequest.read(Buffer.from(certificateRequest, 'base64')).challengePassword ?? '';
  } catch {
    return undefined;
  }
}

const verdict = (code: string): object => ({ code, errorDescription: code === 'Success' ? '' : `because of ${code}` });

/** What the real services demand of a call beside its token. */
function misformed(
  call: IntuneCall,
  headers: IncomingMessage['headers'],
): { status: number; json: object } | undefined {
  const problem = (what: string): { status: number; json: object } => ({ status: 400, json: { error: what } });
  if (!GUID.test(String(headers['client-request-id']))) return problem('client-request-id is no GUID');
  if (call === 'endpoints') return undefined;
  const version = call.endsWith('Requests') || call.endsWith('Results') ? '5019-05-05' : '2018-02-20';
  if (headers['api-version'] !== version) return problem(`api-version is not ${version}`);
  if (headers['content-type'] !== 'application/json') return problem('the content is no JSON');
  return typeof headers['useragent'] === 'string' ? undefined : problem('UserAgent is missing');
}

function callOf(target: string): IntuneCall | undefined {
  const { pathname } = new URL(target, 'http://fake');
  if (pathname === `/${APPLICATION.tenant}/oauth2/v2.0/token`) return 'token';
  if (pathname === `/v1.0/servicePrincipals/appId=${INTUNE_APPLICATION}/endpoints`) return 'endpoints';
  const [, name] =
    /^\/RACerts\/Validation\/ScepActions\/(validateRequest|successNotification|failureNotification)$/.exec(pathname) ??
    /^\/Connector\/CertificateAuthorityRequests\/(downloadRevocationRequests|uploadRevocationResults)$/.exec(
      pathname,
    ) ??
    [];
  return name as IntuneCall | undefined;
}

async function bodyOf(request: IncomingMessage): Promise<IntuneRecord['body']> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString('utf8');
  if (text === '') return {};
  return text.startsWith('{')
    ? (JSON.parse(text) as IntuneRecord['body'])
    : Object.fromEntries(new URLSearchParams(text));
}

function answer(
  response: ServerResponse,
  status: number,
  json: object,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(json));
}

/** Resolves with its URL. */
const listening = (server: Server): Promise<string> =>
  new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    });
  });

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
  });
}
