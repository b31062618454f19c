import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FakeIntune, type IntuneFault } from '../../../test/support/fake-intune';
import { challengeAlias, challengeCase } from '../../../test/support/challenge-case';
import { FixedClock } from '../../../test/support/fixed-clock';
import { SequenceRandom } from '../../../test/support/sequence-random';
import { OutboundClient } from '../../outbound/outbound-client';
import { CALLER_INFO, type IntuneConnection, intuneConnection } from './intune-connection';
import { INTUNE_CODES } from './intune-error-code';
import { INTUNE_DEFAULTS, type IntuneSettings } from './intune-settings';
import { IntuneUnavailable } from './intune-unavailable';
import type { OutboundHttp } from './outbound-http';
import type { IntuneRequest } from './scep-actions';

const CHALLENGE = 'challenge-of-a-device';

describe('a connection to Intune', () => {
  const clock = new FixedClock();
  let request: IntuneRequest;
  let fake: FakeIntune;
  let http: OutboundClient;
  /** Fires the timeout of what is being asked. */
  let expire: () => void;

  beforeAll(async () => {
    const { certificationRequest } = await challengeCase({ alias: challengeAlias(), challengePassword: CHALLENGE });
    request = { transactionID: '4711', certificationRequest: certificationRequest.der };
  });

  beforeEach(async () => {
    fake = await FakeIntune.start(clock);
    fake.challenges.add(CHALLENGE);
    const timer = {
      after: (_milliseconds: number, action: () => void): (() => void) => {
        expire = action;
        return () => undefined;
      },
    };
    http = new OutboundClient({ allowHttp: true, loopback: true }, { timer });
  });

  afterEach(async () => {
    await fake.close();
  });

  const connect = (changes: Partial<IntuneSettings> = {}, through: OutboundHttp = http): IntuneConnection =>
    intuneConnection({ ...INTUNE_DEFAULTS, ...fake.settings, ...changes }, 'application-key', {
      http: through,
      clock,
      random: new SequenceRandom(),
    });

  const validate = (connection = connect()): ReturnType<IntuneConnection['scepActions']['validateRequest']> =>
    connection.scepActions.validateRequest(request);

  async function failure(answer: Promise<unknown>): Promise<IntuneUnavailable> {
    const error: unknown = await answer.then(
      () => new Error('it went well'),
      (reason: unknown) => reason,
    );
    if (!(error instanceof IntuneUnavailable)) throw error;
    expect(error.message).not.toContain('application-key');
    expect(error.message).not.toContain(CHALLENGE);
    return error;
  }

  const counts = (): Record<string, number> =>
    Object.fromEntries(
      (['token', 'endpoints', 'validateRequest'] as const).map((call) => [call, fake.of(call).length]),
    );

  it('finds the service, gets a token for each, and validates', async () => {
    await expect(validate()).resolves.toEqual({ accepted: true });
    expect(fake.of('token').map(({ body }) => body['scope'] as string)).toEqual([
      `${fake.settings.graphUrl}.default`,
      'https://api.manage.microsoft.com//.default',
    ]);
    const [call] = fake.of('validateRequest');
    expect(call?.body).toEqual({
      request: {
        transactionId: '4711',
        certificateRequest: request.certificationRequest.toString('base64'),
        callerInfo: CALLER_INFO,
      },
    });
    expect(call?.headers).toMatchObject({ 'api-version': '2018-02-20', useragent: CALLER_INFO });
  });

  it('names itself by name and version', () => {
    const { name, version } = JSON.parse(readFileSync(join(__dirname, '../../../package.json'), 'utf8')) as {
      name: string;
      version: string;
    };
    expect(CALLER_INFO).toBe(`${name}/${version}`);
  });

  it('finds the service whatever the case of its name', async () => {
    fake.names.validation = 'SCEPREQUESTVALIDATIONFESERVICE';
    await expect(validate()).resolves.toEqual({ accepted: true });
  });

  it.each(Object.keys(INTUNE_CODES))('explains the refusal %s', async (code) => {
    fake.fail('validateRequest', { code, description: 'their\r\nwords' });
    const verdict = await validate();
    expect(verdict).toMatchObject({ accepted: false, code });
    const explanation = 'explanation' in verdict ? verdict.explanation : '';
    expect(explanation).toContain(INTUNE_CODES[code]?.meaning);
    expect(explanation).toContain(INTUNE_CODES[code]?.remedy);
    expect(explanation).toContain('their words');
    expect(explanation).toContain(String(fake.of('validateRequest')[0]?.headers['client-request-id']));
  });

  it.each(['NewCodeOfNextYear', 'toString', 'success'])('takes the unknown code %s for a refusal', async (code) => {
    fake.fail('validateRequest', { code });
    await expect(validate()).resolves.toMatchObject({ accepted: false, code });
  });

  describe('tokens', () => {
    it('are kept until five minutes before their end', async () => {
      const connection = connect();
      await validate(connection);
      clock.advance({ minutes: 54, seconds: 59 });
      await validate(connection);
      expect(counts()).toEqual({ token: 2, endpoints: 1, validateRequest: 2 });
      clock.advance({ seconds: 1 });
      await validate(connection);
      expect(counts()).toEqual({ token: 3, endpoints: 1, validateRequest: 3 });
    });

    it('are fetched once for all who ask at once', async () => {
      const connection = connect();
      fake.fail('token', { hold: true });
      const answers = Promise.all([validate(connection), validate(connection), validate(connection)]);
      await fake.heldCalls(1);
      fake.answerHeld();
      await answers;
      expect(counts()).toEqual({ token: 2, endpoints: 1, validateRequest: 3 });
    });

    it('are replaced once where a service does not take them', async () => {
      const connection = connect();
      await validate(connection);
      fake.revokeTokens();
      await expect(validate(connection)).resolves.toEqual({ accepted: true });
      expect(counts()).toEqual({ token: 3, endpoints: 1, validateRequest: 3 });
    });

    it('that are never taken end the attempt', async () => {
      fake.fail('validateRequest', { status: 401 }, 2);
      const error = await failure(validate());
      expect(error).toMatchObject({ part: 'validation', message: expect.stringContaining('HTTP 401') });
      expect(counts()).toMatchObject({ validateRequest: 2 });
    });

    it('are not given for a wrong application key, and the directory says so', async () => {
      fake.applicationKey = 'another';
      const error = await failure(validate());
      expect(error).toMatchObject({ part: 'login', message: expect.stringContaining('invalid_client AADSTS7000215') });
      expect(counts()).toEqual({ token: 1, endpoints: 0, validateRequest: 0 });
    });

    it.each<[string, IntuneFault]>([
      ['no JSON', { body: '<html>' }],
      ['no token', { body: '{"token_type":"Bearer"}' }],
      ['a token that is no header', { body: '{"access_token":"a\\r\\nb: c"}' }],
      ['an error without JSON', { status: 500 }],
      ['a closed connection', { drop: 'before' }],
    ])('%s from the directory is no answer', async (_name, fault) => {
      fake.fail('token', fault);
      const connection = connect();
      expect(await failure(validate(connection))).toMatchObject({ part: 'login' });
      await expect(validate(connection)).resolves.toEqual({ accepted: true });
    });
  });

  describe('the addresses of the services', () => {
    it.each<[string, IntuneFault]>([
      ['no JSON', { body: 'null' }],
      ['no list', { body: '{"value":{}}' }],
      ['an error', { status: 500 }],
      ['no permission', { status: 403 }],
      ['another token wanted', { status: 401 }],
      ['a closed connection', { drop: 'before' }],
      ['a list without the service', { body: '{"value":[null,{"providerName":"x"},{"uri":"https://x.test/"}]}' }],
      [
        'an address that must not be asked',
        { body: '{"value":[{"providerName":"ScepRequestValidationFEService","uri":"http://169.254.169.254/"}]}' },
      ],
    ])('%s from Graph is no answer', async (_name, fault) => {
      fake.fail('endpoints', fault);
      const connection = connect();
      expect(await failure(validate(connection))).toMatchObject({ part: 'discovery' });
      await expect(validate(connection)).resolves.toEqual({ accepted: true });
    });

    it('are looked up again when nothing listens there any more, and the request follows at once', async () => {
      const connection = connect();
      await validate(connection);
      await fake.move();
      await expect(validate(connection)).resolves.toEqual({ accepted: true });
      expect(counts()).toEqual({ token: 2, endpoints: 2, validateRequest: 2 });
    });

    it('are looked up at each attempt while nothing listens there', async () => {
      const connection = connect();
      await validate(connection);
      await fake.closeServices();
      const error = await failure(validate(connection));
      expect(error.message).toContain('cannot be reached');
      await failure(validate(connection));
      expect(counts()).toMatchObject({ endpoints: 3 });
      await fake.move();
      await expect(validate(connection)).resolves.toEqual({ accepted: true });
    });

    it('are looked up again after a day', async () => {
      const connection = connect();
      await validate(connection);
      clock.advance({ days: 1 });
      await validate(connection);
      expect(counts()).toMatchObject({ endpoints: 2 });
    });
  });

  describe('a service that gives no answer', () => {
    it.each<[string, IntuneFault, string]>([
      ['no JSON', { body: '{"code":' }, 'no JSON object'],
      ['no object', { body: '["Success"]' }, 'no JSON object'],
      ['no code', { body: '{"code":1}' }, 'without a code'],
      ['a huge body', { body: `"${'x'.repeat(3_000_000)}"` }, 'more than'],
      ['an error', { status: 500 }, 'HTTP 500'],
      ['no permission', { status: 403 }, 'scep_challenge_provider'],
      ['a redirect', { status: 302, headers: { location: 'http://127.0.0.1/' } }, 'redirect'],
      ['a closed connection', { drop: 'before' }, 'cannot be reached'],
      ['a connection closed too late', { drop: 'after' }, 'cannot be reached'],
    ])('%s', async (_name, fault, words) => {
      fake.fail('validateRequest', fault);
      const connection = connect();
      expect(await failure(validate(connection))).toMatchObject({
        part: 'validation',
        message: expect.stringContaining(words),
      });
      await expect(validate(connection)).resolves.toEqual({ accepted: true });
    });

    it('in time', async () => {
      fake.fail('validateRequest', { hold: true });
      const answer = failure(validate());
      await fake.heldCalls(1);
      expire();
      expect((await answer).message).toContain('no whole answer within 10000 ms');
    });

    it.each([429, 503])('HTTP %s with Retry-After is heeded', async (status) => {
      fake.fail('validateRequest', { status, headers: { 'retry-after': '30' } });
      const connection = connect();
      expect(await failure(validate(connection))).toMatchObject({ retryAfterSeconds: 30 });
      clock.advance({ seconds: 29 });
      expect(await failure(validate(connection))).toMatchObject({ retryAfterSeconds: 1 });
      expect(counts()).toMatchObject({ validateRequest: 1 });
      clock.advance({ seconds: 1 });
      await expect(validate(connection)).resolves.toEqual({ accepted: true });
    });

    it.each([
      ['Fri, 02 Jan 2026 03:05:05 GMT', 60],
      ['Thu, 01 Jan 2026 00:00:00 GMT', 1],
      ['86400', 600],
      ['soon', undefined],
    ])('Retry-After: %s is %s', async (text, seconds) => {
      clock.set('2026-01-02T03:04:05.000Z');
      fake.fail('validateRequest', { status: 503, headers: { 'retry-after': text } });
      expect((await failure(validate())).retryAfterSeconds).toBe(seconds);
    });
  });

  describe('revocation requests', () => {
    const revocation = {
      requestContext: 'c1',
      serialNumber: '0A1B',
      issuerName: 'CN=Devices',
      caConfiguration: 'scep',
    };

    it('are fetched by issuer and answered', async () => {
      fake.toRevoke.push(revocation, { ...revocation, requestContext: 'c2', issuerName: 'CN=Others' });
      const { revocationRequests } = connect();
      await expect(revocationRequests.download('CN=Devices', 100)).resolves.toEqual([
        { requestContext: 'c1', serialNumber: '0A1B' },
      ]);
      const result = { requestContext: 'c1', succeeded: true, errorCode: 'None', errorMessage: null } as const;
      await revocationRequests.upload([result]);
      expect(fake.revocationResults).toEqual([result]);
      await expect(revocationRequests.download('CN=Devices', 100)).resolves.toEqual([]);
    });

    it('of which one is odd come without it', async () => {
      fake.fail('downloadRevocationRequests', {
        body: '{"value":[1,{"serialNumber":"1"},{"requestContext":"c"},{"requestContext":""}]}',
      });
      await expect(connect().revocationRequests.download('CN=Devices', 100)).resolves.toEqual([
        { requestContext: 'c', serialNumber: '' },
      ]);
    });

    it.each<[string, IntuneFault]>([
      ['no list', { body: '{"value":true}' }],
      ['too long a list', { body: JSON.stringify({ value: Array.from({ length: 501 }, () => revocation) }) }],
      ['an error', { status: 500 }],
    ])('%s is no answer', async (_name, fault) => {
      fake.fail('downloadRevocationRequests', fault);
      expect(await failure(connect().revocationRequests.download('CN=Devices', 100))).toMatchObject({
        part: 'revocation',
      });
    });

    it.each<[string, IntuneFault]>([
      ['false', { body: '{"value":false}' }],
      ['nothing', { body: '{}' }],
    ])('whose results get the answer %s are not answered', async (_name, fault) => {
      fake.fail('uploadRevocationResults', fault);
      const result = { requestContext: 'c1', succeeded: true, errorCode: 'None', errorMessage: null } as const;
      expect(await failure(connect().revocationRequests.upload([result]))).toMatchObject({ part: 'revocation' });
    });
  });
});
