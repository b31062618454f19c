import { createHmac } from 'node:crypto';
import { challengeAlias, challengeCase } from '../../../test/support/challenge-case';
import { challengeContract } from '../../../test/support/challenge-contract';
import { FakeService, type ReceivedRequest } from '../../../test/support/fake-service';
import { FixedClock } from '../../../test/support/fixed-clock';
import { ManualTimer } from '../../../test/support/manual-timer';
import { until } from '../../../test/support/until';
import { ServiceError } from '../../common/service-error';
import { OutboundClient } from '../../outbound/outbound-client';
import type { OutboundClients } from '../../outbound/outbound-clients';
import type { ChallengeAlias, ChallengeCase } from '../challenge';
import { BREAK_MS, FAILURES_BEFORE_BREAK } from './circuit-breaker';
import { MOST_WAITING, WebhookCaller } from './webhook-caller';
import { WebhookChannel } from './webhook-channel';
import { WEBHOOK_DEFAULTS, type WebhookSettings } from './webhook-settings';
import { WebhookChallenge } from './webhook.challenge';

const SECRET = 'a secret for signatures';
const SECRETS = { 'challenge.webhook.secret': SECRET };

describe('the challenge of kind webhook', () => {
  let service: FakeService;
  let clock: FixedClock;
  let timer: ManualTimer;
  let kind: WebhookChallenge;

  beforeEach(async () => {
    service = await FakeService.start();
    clock = new FixedClock();
    timer = new ManualTimer();
    const clients = { of: (settings) => new OutboundClient(settings, { timer }) } as OutboundClients;
    kind = new WebhookChallenge(new WebhookCaller(new WebhookChannel(clients, clock), clock, timer));
    service.behave(({ body }) => ({ body: judged(body) }));
  });

  afterEach(async () => {
    await service.close();
  });

  const judged = (body: string): object => {
    const { challengePassword } = JSON.parse(body) as { challengePassword: string };
    return challengePassword === 'swordfish'
      ? { decision: 'allow' }
      : { decision: 'deny', reason: `no device has ${challengePassword}` };
  };

  const alias = (
    settings: Partial<WebhookSettings> = {},
    secrets: Record<string, string> = SECRETS,
  ): ChallengeAlias => {
    const webhook = {
      ...WEBHOOK_DEFAULTS,
      url: service.url('/judge'),
      allowHttp: true,
      allowLoopback: true,
      ...settings,
    };
    return challengeAlias({ kind: 'webhook', webhook }, secrets);
  };
  const asked = (changes: Partial<ChallengeCase> = {}, subject?: string): Promise<ChallengeCase> =>
    challengeCase({ alias: alias(), challengePassword: 'swordfish', ...changes }, subject);
  const refusal = async (subject: ChallengeCase): Promise<ServiceError> => {
    const error: unknown = await Promise.resolve(kind.judge(subject)).then(
      (verdict) => new Error(JSON.stringify(verdict)),
      (reason: unknown) => reason,
    );
    if (!(error instanceof ServiceError)) throw error;
    return error;
  };
  const sent = (): ReceivedRequest => service.requests[0]!;

  challengeContract(() => ({
    kind,
    ask: (challengePassword) => asked({ challengePassword }),
    right: 'swordfish',
    foreign: 'bluefish',
    secrets: [SECRET],
  }));

  it('tells all that the request asks for', async () => {
    const endEntity = { id: '7', username: 'router-1', enrolmentCodeVerifier: null };
    const question = await asked({ endEntity });
    await kind.judge(question);
    const { publicKey } = question.certificationRequest;
    expect(JSON.parse(sent().body)).toEqual({
      version: 1,
      type: 'challenge',
      idempotencyKey: sent().headers['idempotency-key'],
      alias: 'scep',
      transactionID: 'T-1',
      requestId: '00000000-0000-4000-8000-000000000001',
      receivedAt: '2026-01-02T03:04:05.000Z',
      source: '192.0.2.1',
      renewal: false,
      endEntity: 'router-1',
      challengePassword: 'swordfish',
      certificationRequest: {
        der: question.certificationRequest.der.toString('base64'),
        subject: 'CN=router-1',
        subjectAltNames: [],
        publicKey: { type: 'ec', bits: 256, curve: 'P-256', sha256: publicKey.hash.toString('hex') },
        keyUsage: [],
        extendedKeyUsage: [],
        templates: [],
      },
    });
  });

  it('signs what it says, with the time', async () => {
    await kind.judge(await asked());
    const { headers, body, method, path } = sent();
    expect([method, path, headers['content-type']]).toEqual(['POST', '/judge', 'application/json']);
    const timestamp = String(clock.now().getTime() / 1000);
    expect(headers['scep-gateway-timestamp']).toBe(timestamp);
    const expected = createHmac('sha256', SECRET).update(`${timestamp}.${body}`).digest('hex');
    expect(headers['scep-gateway-signature']).toBe(`v1=${expected}`);
    expect(headers.authorization).toBeUndefined();
    expect(JSON.stringify([headers, body])).not.toContain(SECRET);
  });

  it.each([
    ['Bearer token-1', {}, { 'challenge.webhook.bearerToken': 'token-1' }],
    ['Basic dXNlcjpwYXNz', { username: 'user' }, { 'challenge.webhook.password': 'pass' }],
  ])('shows who it is: %s', async (authorization, settings, secrets) => {
    await kind.judge(await asked({ alias: alias(settings, { ...SECRETS, ...secrets }) }));
    expect(sent().headers).toMatchObject({ authorization });
  });

  it('has one idempotency key for one request, and another for any other', async () => {
    const first = await asked();
    await kind.judge(first);
    await kind.judge({ ...first, requestId: 'another', receivedAt: new Date(0), source: '192.0.2.99' });
    await kind.judge({ ...first, transactionID: 'T-2' });
    await kind.judge(await asked({}, 'CN=router-2'));
    await kind.judge(await asked({ challengePassword: 'guess' }));
    const [one, same, ...others] = service.requests.map(({ headers }) => headers['idempotency-key']);
    expect(one).toMatch(/^[0-9a-f]{64}$/);
    expect(same).toBe(one);
    expect(new Set([one, ...others]).size).toBe(4);
  });

  it('hands on what the service puts in', async () => {
    service.behave({ body: { decision: 'allow', content: { certificateProfile: 'PHONES' } } });
    expect(await kind.judge(await asked())).toMatchObject({ right: true, content: { certificateProfile: 'PHONES' } });
  });

  it("shows the administrator the service's reason, and the device what the service has for it", async () => {
    service.behave({ body: { decision: 'deny', reason: 'swordfish is spent', told: 'ask at desk 4' } });
    expect(await kind.judge(await asked())).toEqual({
      right: false,
      rule: 'challenge.webhook.denied',
      explanation: 'the webhook of alias scep denies the request: [challengePassword] is spent',
      countsAsFailure: true,
      told: 'ask at desk 4',
    });
  });

  it('cuts off and cleans what the service says', async () => {
    service.behave({ body: { decision: 'deny', reason: `a\r\nb${'x'.repeat(2000)}`, told: '\u0007' } });
    expect(await kind.judge(await asked())).toEqual({
      right: false,
      rule: 'challenge.webhook.denied',
      explanation: `the webhook of alias scep denies the request: a b${'x'.repeat(997)}`,
      countsAsFailure: true,
    });
  });

  it.each([
    ['a redirect', { status: 302, headers: { location: 'http://127.0.0.1/' } }, 'redirect'],
    ['a refusal to talk', { status: 401 }, 'status'],
    ['no JSON', { body: 'swordfish' }, 'malformed'],
    ['no sense', { body: { decision: 'yes' } }, 'malformed'],
    ['too much', 'huge', 'too-large'],
    ['no end', 'endless', 'too-large'],
  ] as const)('cannot tell, and does not ask again, on %s', async (_, behaviour, rule) => {
    service.behave(behaviour);
    const error = await refusal(await asked());
    expect(error).toMatchObject({ code: 'challenge-unavailable', rule: `challenge.webhook.${rule}` });
    expect(`${error.explanation} ${error.publicDetail}`).not.toMatch(/swordfish|secret for/);
    expect(service.requests).toHaveLength(1);
  });

  it.each([
    ['link-local', 'http://169.254.169.254/latest/meta-data/'],
    ['this machine', 'http://127.0.0.1:1/'],
  ])('does not reach %s', async (_, url) => {
    const error = await refusal(await asked({ alias: alias({ url, allowLoopback: false }) }));
    expect(error).toMatchObject({ code: 'challenge-unavailable', rule: 'challenge.webhook.refused-address' });
  });

  it('gives a slow service up', async () => {
    service.behave('slow');
    const error = refusal(await asked());
    await service.nextRequest();
    timer.fire(8000);
    expect(await error).toMatchObject({ code: 'challenge-unavailable', rule: 'challenge.webhook.timeout' });
  });

  it('asks again, later and later, as often as it may', async () => {
    service.behave({ status: 503 });
    const error = refusal(await asked());
    for (const pause of [200, 400]) {
      await until(() => timer.waiting.some(({ milliseconds }) => milliseconds === pause));
      timer.fire(pause);
    }
    expect(await error).toMatchObject({ rule: 'challenge.webhook.status' });
    expect(service.requests).toHaveLength(3);
    expect(new Set(service.requests.map(({ body }) => body)).size).toBe(1);
    expect(timer.waiting).toEqual([]);
  });

  it('takes the answer of a later attempt', async () => {
    service.behave((_, count) => (count === 1 ? 'closing' : { body: { decision: 'allow' } }));
    const verdict = kind.judge(await asked());
    await until(() => timer.waiting.some(({ milliseconds }) => milliseconds === 200));
    timer.fire(200);
    expect(await verdict).toEqual({ right: true });
  });

  it('asks no more when the time is over', async () => {
    service.behave(() => {
      clock.advance({ milliseconds: 7900 });
      return { status: 503 };
    });
    expect(await refusal(await asked())).toMatchObject({ rule: 'challenge.webhook.status' });
    expect(service.requests).toHaveLength(1);
  });

  it('leaves a service alone that is down, until one request finds it up again', async () => {
    const once = alias({ attempts: 1 });
    service.behave('closing');
    for (let count = 0; count < FAILURES_BEFORE_BREAK; count++) await refusal(await asked({ alias: once }));
    service.behave({ body: { decision: 'allow' } });
    const error = await refusal(await asked({ alias: once }));
    expect(error).toMatchObject({ code: 'challenge-unavailable', rule: 'challenge.webhook.circuit-open' });
    expect(error.explanation).toContain('2026-01-02T03:04:35.000Z');
    expect(service.requests).toEqual([]);
    // Another service is none of its concern.
    expect(await kind.judge(await asked({ alias: alias({ attempts: 2 }) }))).toEqual({ right: true });
    clock.advance({ milliseconds: BREAK_MS });
    expect(await kind.judge(await asked({ alias: once }))).toEqual({ right: true });
  });

  it('is not shut off by requests that the service has no sense for', async () => {
    service.behave({ status: 400 });
    for (let count = 0; count < 2 * FAILURES_BEFORE_BREAK; count++) await refusal(await asked());
    service.behave({ body: { decision: 'allow' } });
    expect(await kind.judge(await asked())).toEqual({ right: true });
  });

  it('lets no more wait than it can bear', async () => {
    service.behave('silent');
    const waiting = Array.from({ length: MOST_WAITING }, async () => refusal(await asked()));
    await until(() => service.requests.length === MOST_WAITING);
    expect(await refusal(await asked())).toMatchObject({ rule: 'challenge.webhook.overloaded' });
    timer.fire(8000);
    const rules = (await Promise.all(waiting)).map(({ rule }) => rule);
    expect(new Set(rules)).toEqual(new Set(['challenge.webhook.timeout']));
  });

  it('says nothing without a secret', async () => {
    const error = await refusal(await asked({ alias: alias({}, {}) }));
    expect(error).toMatchObject({ code: 'challenge-unavailable', rule: 'challenge.webhook.url' });
    expect(service.requests).toEqual([]);
  });
});
