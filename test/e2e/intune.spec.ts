import { IntuneRevocationJob } from '../../src/jobs/intune-revocation.job';
import { Certificate } from '../../src/pki/x509/certificate';
import { enrolmentContract } from '../support/enrolment-contract';
import type { IntuneFault } from '../support/fake-intune';
import { INTUNE_ALIAS, IntuneScene, type IssuedRow } from '../support/intune-scene';
import { startGateway } from '../support/start-gateway';

let intune: IntuneScene;
let timeout = 10;

beforeAll(async () => {
  intune = await IntuneScene.start();
});

afterAll(() => intune.close());

beforeEach(() => {
  intune.reset();
});

it('a device gets its certificate once the service has heard of it, and again without a word to the service', async () => {
  const laptop = await intune.device();
  const first = await intune.send(laptop.message);
  expect(first).toMatchObject({ status: 200, told: 'SUCCESS' });
  expect(intune.calls()).toEqual(['validateRequest', 'successNotification']);
  expect(intune.fake.issued.get(laptop.message.transactionID)).toMatchObject({
    certificateThumbprint: first.certificate!.fingerprint('sha1').toString('hex').toUpperCase(),
    caConfiguration: INTUNE_ALIAS,
    certificateAuthority: 'Devices',
  });
  const again = await intune.send(laptop.message);
  expect(again.certificate!.der).toEqual(first.certificate!.der);
  expect(intune.calls()).toHaveLength(2);
  expect(await intune.stateOf(laptop)).toBe('issued');
});

describe('a request that the service', () => {
  it('refuses gets a badRequest, and the administrator is told all', async () => {
    const laptop = await intune.device();
    intune.fake.fail('validateRequest', { code: 'SubjectNameMismatch', description: 'CN differs' });
    expect(await intune.send(laptop.message)).toMatchObject({ status: 200, told: 'badRequest' });
    expect(await intune.logOf(laptop)).toMatchObject([
      {
        outcome: 'refused',
        rule: 'challenge.intune.validation',
        explanation: expect.stringMatching(/SubjectNameMismatch.*not the one of the profile.*CN differs.*activity/),
      },
    ]);
    expect(await intune.certificatesOf(laptop)).toEqual([]);
    expect(intune.calls()).toEqual(['validateRequest']);
  });

  it('knows no challenge of, or one of others, is refused likewise', async () => {
    const laptop = await intune.device();
    const other = await intune.scene.message(`CN=${laptop.username}`, 'x'.repeat(10_240), laptop.changes, INTUNE_ALIAS);
    expect(await intune.send(other)).toMatchObject({ told: 'badRequest' });
    const none = await intune.scene.message(`CN=${laptop.username}`, ' ', laptop.changes, INTUNE_ALIAS);
    expect(await intune.send(none)).toMatchObject({ told: 'badRequest' });
    expect(intune.calls()).toEqual(['validateRequest']);
  });

  it.each<[string, 'token' | 'endpoints' | 'validateRequest', IntuneFault, string]>([
    ['is not reached, for there is no token', 'token', { status: 400 }, '2'],
    ['is not found', 'endpoints', { drop: 'before' }, '2'],
    ['does not answer', 'validateRequest', { drop: 'before' }, '2'],
    ['is too busy for', 'validateRequest', { status: 429, headers: { 'retry-after': '9' } }, '9'],
    ['answers with nonsense', 'validateRequest', { body: '{' }, '2'],
  ])('%s comes again', async (_name, call, fault, retryAfter) => {
    const laptop = await intune.device();
    // With tokens and addresses of its own.
    await intune.rest.patch(`aliases/${INTUNE_ALIAS}`, { challenge: { intune: { timeout: ++timeout } } });
    intune.fake.fail(call, fault);
    expect(await intune.send(laptop.message)).toEqual({ status: 503, retryAfter });
    expect(await intune.logOf(laptop)).toMatchObject([{ errorCode: 'challenge-unavailable' }]);
    intune.scene.clock.advance({ seconds: Number(retryAfter) });
    expect(await intune.send(laptop.message)).toMatchObject({ told: 'SUCCESS' });
    expect(await intune.certificatesOf(laptop)).toHaveLength(1);
  });

  it('has found right is not put before it again, and it hears of a refusal here', async () => {
    const laptop = await intune.device('CN=Devices,O=Example');
    expect(await intune.send(laptop.message)).toMatchObject({ told: 'badRequest' });
    expect(intune.calls()).toEqual(['validateRequest', 'failureNotification']);
    expect(intune.fake.failed).toMatchObject([
      {
        transactionId: laptop.message.transactionID,
        hResult: 0x20000102,
        errorDescription: 'the subject is the name of an authority',
      },
    ]);
    expect(await intune.stateOf(laptop)).toBe('validated');
    await intune.query('update end_entities set subject = $2 where username = $1', [
      laptop.username,
      `CN=${laptop.username}`,
    ]);
    expect(await intune.send(laptop.message)).toMatchObject({ told: 'SUCCESS' });
    expect(intune.calls()).toEqual(['validateRequest', 'failureNotification', 'successNotification']);
  });

  it('has found right is put before it again after an hour, or with another challenge', async () => {
    const laptop = await intune.device('CN=Devices,O=Example');
    await intune.send(laptop.message);
    intune.fake.challenges.add('a fresh one');
    await intune.send(await intune.scene.message(`CN=${laptop.username}`, 'a fresh one', laptop.changes, INTUNE_ALIAS));
    intune.scene.clock.advance({ hours: 1 });
    await intune.send(laptop.message);
    expect(intune.calls().filter((call) => call === 'validateRequest')).toHaveLength(3);
    intune.scene.clock.advance({ hours: 1 });
    await intune.finish();
    expect(await intune.stateOf(laptop)).toBeUndefined();
  });
});

describe('equal requests at once', () => {
  it('are put before the service once', async () => {
    const laptop = await intune.device();
    intune.fake.fail('validateRequest', { hold: true });
    const answers = Promise.all([1, 2, 3].map(() => intune.send(laptop.message)));
    await intune.fake.heldCalls(1);
    intune.fake.answerHeld();
    expect((await answers).map(({ told }) => told)).toEqual(['SUCCESS', 'SUCCESS', 'SUCCESS']);
    expect(intune.calls().filter((call) => call === 'validateRequest')).toHaveLength(1);
    expect(await intune.certificatesOf(laptop)).toHaveLength(1);
  });

  it('at two gateways get one certificate, though one of them has spent the challenge of the other', async () => {
    const laptop = await intune.device();
    const { clock, gateway } = intune.scene;
    const second = await startGateway({ clock, database: gateway.database });
    try {
      intune.fake.fail('validateRequest', { hold: true });
      const late = intune.send(laptop.message);
      await intune.fake.heldCalls(1);
      const early = await intune.send(laptop.message, second);
      intune.fake.answerHeld();
      expect((await late).certificate!.der).toEqual(early.certificate!.der);
    } finally {
      await second.close();
    }
    expect(await intune.certificatesOf(laptop)).toHaveLength(1);
  });
});

describe('a certificate that the service', () => {
  it.each<[string, IntuneFault]>([
    ['was not told of', { drop: 'before' }],
    ['was told of without an answer', { drop: 'after' }],
    ['was told of at a bad moment', { status: 503, headers: { 'retry-after': '4' } }],
  ])('%s is given to nobody, until a retry tells it', async (_name, fault) => {
    const laptop = await intune.device();
    intune.fake.fail('successNotification', fault);
    expect(await intune.send(laptop.message)).toMatchObject({ status: 503 });
    expect(await intune.stateOf(laptop)).toBe('unreleased');
    expect(await intune.logOf(laptop)).toMatchObject([{ outcome: 'failed', errorCode: 'challenge-unavailable' }]);
    expect(await intune.elsewhere(laptop)).toEqual({ polled: 'no CertRep', got: 'badCertId' });
    intune.scene.clock.advance({ seconds: 4 });
    const answer = await intune.send(laptop.message);
    const [issued, ...more] = await intune.certificatesOf(laptop);
    expect(answer.certificate!.der).toEqual(issued!.certificate);
    expect(more).toEqual([]);
    expect(intune.calls()).toEqual(['validateRequest', 'successNotification', 'successNotification']);
    const [first, second] = intune.fake.of('successNotification');
    expect(second!.body).toEqual(first!.body);
    expect(await intune.elsewhere(laptop)).toEqual({ polled: 'SUCCESS', got: 'SUCCESS' });
  });

  it('was not told of, since the gateway died, is told of by another gateway', async () => {
    const laptop = await intune.device();
    intune.fake.fail('successNotification', { drop: 'before' });
    expect(await intune.send(laptop.message)).toMatchObject({ status: 503 });
    const second = await startGateway({ clock: intune.scene.clock, database: intune.scene.gateway.database });
    try {
      const answer = await intune.send(laptop.message, second);
      expect(answer.certificate!.der).toEqual((await intune.certificatesOf(laptop))[0]!.certificate);
    } finally {
      await second.close();
    }
    expect(intune.calls()).toEqual(['validateRequest', 'successNotification', 'successNotification']);
  });

  it('refuses is revoked, and the device is told of a failure', async () => {
    const laptop = await intune.device();
    intune.fake.fail('successNotification', { code: 'ScepProfileNoLongerTargetedToTheClient' });
    expect(await intune.send(laptop.message)).toMatchObject({ told: 'badRequest' });
    expect(await intune.certificatesOf(laptop)).toMatchObject([{ revocation_reason: 5 }]);
    expect(await intune.logOf(laptop)).toMatchObject([
      {
        outcome: 'refused',
        rule: 'challenge.intune.notification',
        explanation: expect.stringContaining('ScepProfileNoLongerTargetedToTheClient'),
      },
    ]);
    expect(intune.fake.failed).toMatchObject([{ transactionId: laptop.message.transactionID }]);
    expect(await intune.elsewhere(laptop)).toEqual({ polled: 'badCertId', got: 'badCertId' });
    // With another challenge the device may try again.
    intune.fake.challenges.add('another one');
    const { username } = laptop;
    const anew = await intune.scene.message(`CN=${username}`, 'another one', { transactionID: 'T-anew' }, INTUNE_ALIAS);
    expect(await intune.send(anew)).toMatchObject({ told: 'SUCCESS' });
    expect(await intune.certificatesOf(laptop)).toHaveLength(2);
  });

  it('is told of by several retries at once is one', async () => {
    const laptop = await intune.device();
    intune.fake.fail('successNotification', { hold: true }, 3);
    const answers = Promise.all([
      intune.send(laptop.message),
      intune.send(laptop.message),
      intune.send(laptop.message),
    ]);
    await intune.fake.heldCalls(3);
    intune.fake.answerHeld();
    const ders = new Set((await answers).map(({ certificate }) => certificate?.der.toString('hex')));
    const [issued, ...more] = await intune.certificatesOf(laptop);
    expect([...ders]).toEqual([issued!.certificate.toString('hex')]);
    expect(more).toEqual([]);
    expect(intune.calls().filter((call) => call === 'validateRequest')).toHaveLength(1);
  });

  it('was not told of is told of by the job, and the device finds it when it comes', async () => {
    const laptop = await intune.device();
    intune.fake.fail('successNotification', { drop: 'before' }, 2);
    await intune.send(laptop.message);
    await intune.finish();
    expect(intune.calls()).toHaveLength(2);
    intune.scene.clock.advance({ minutes: 2 });
    await intune.finish();
    expect(await intune.stateOf(laptop)).toBe('unreleased');
    intune.scene.clock.advance({ minutes: 1 });
    await intune.finish();
    expect(await intune.stateOf(laptop)).toBe('issued');
    expect(intune.calls()).toHaveLength(4);
    expect(await intune.send(laptop.message)).toMatchObject({ told: 'SUCCESS' });
    expect(intune.calls()).toHaveLength(4);
  });

  it('cannot be told of for a day is revoked', async () => {
    const laptop = await intune.device();
    intune.fake.fail('successNotification', { drop: 'before' }, 2);
    await intune.send(laptop.message);
    intune.scene.clock.advance({ days: 1, seconds: 1 });
    await intune.finish();
    expect(await intune.certificatesOf(laptop)).toMatchObject([{ revocation_reason: 5 }]);
    expect(intune.fake.failed).toMatchObject([{ errorDescription: expect.stringContaining('could not be told') }]);
    expect(await intune.elsewhere(laptop)).toEqual({ polled: 'badCertId', got: 'badCertId' });
  });

  it('can never be told of, for what is known of its request cannot be read, is out of the way of others', async () => {
    const laptop = await intune.device();
    intune.fake.fail('successNotification', { drop: 'before' });
    await intune.send(laptop.message);
    await intune.query(`update unreleased_certificates set sealed_request = '\\x00' where withdrawn_at is null`);
    intune.scene.clock.advance({ minutes: 2 });
    await intune.finish();
    const due = 'select from unreleased_certificates where withdrawn_at is null and next_attempt_at <= $1';
    expect(await intune.query(due, [intune.scene.clock.now()])).toEqual([]);
  });

  it('was not told of before an administrator revoked it is not told of any more', async () => {
    const laptop = await intune.device();
    intune.fake.fail('successNotification', { drop: 'before' });
    await intune.send(laptop.message);
    const { serialHex } = Certificate.read((await intune.certificatesOf(laptop))[0]!.certificate);
    await intune.rest.post(`certificates/Devices/${serialHex}/revoke`, { reason: 'superseded' });
    intune.scene.clock.advance({ minutes: 2 });
    await intune.finish();
    expect(intune.calls()).toEqual(['validateRequest', 'successNotification', 'failureNotification']);
    expect(await intune.elsewhere(laptop)).toEqual({ polled: 'badCertId', got: 'badCertId' });
  });
});

describe('in RA mode', () => {
  const RA = 'intune-ra';
  const send = async (username: string, transactionID: string) => {
    const challenge = `challenge of ${transactionID}`;
    intune.fake.challenges.add(challenge);
    const message = await intune.scene.message(`CN=${username}`, challenge, { transactionID }, RA);
    return { message, answer: await intune.send(message, intune.scene.gateway, RA) };
  };
  const statusOf = async (username: string): Promise<unknown> =>
    (await intune.rest.get(`end-entities/${username}`)).body['status'];

  beforeAll(async () => {
    await intune.scene.createAlias(RA, { ...intune.settings, operationalMode: 'RA' });
  });

  it('a device that nobody has registered enrols, and does so again with its next challenge', async () => {
    const first = await send('phone-1', 'T-phone-1');
    expect(first.answer.certificate!.subject.toString()).toBe('CN=phone-1');
    const second = await send('phone-1', 'T-phone-1-again');
    expect(second.answer.certificate!.serialHex).not.toBe(first.answer.certificate!.serialHex);
    const repeated = await intune.send(first.message, intune.scene.gateway, RA);
    expect(repeated.certificate!.der).toEqual(first.answer.certificate!.der);
  });

  it('a device whose certificate the service does not accept can try again', async () => {
    intune.fake.fail('successNotification', { code: 'ChallengeExpired' });
    expect((await send('phone-2', 'T-phone-2')).answer).toMatchObject({ told: 'badRequest' });
    expect(await statusOf('phone-2')).toBe('NEW');
    expect((await send('phone-2', 'T-phone-2-again')).answer).toMatchObject({ told: 'SUCCESS' });
    intune.fake.fail('successNotification', { code: 'ChallengeExpired' });
    expect((await send('phone-2', 'T-phone-2-more')).answer).toMatchObject({ told: 'badRequest' });
    expect((await send('phone-2', 'T-phone-2-most')).answer).toMatchObject({ told: 'SUCCESS' });
  });

  it('a request that the service refuses registers nobody', async () => {
    intune.fake.fail('validateRequest', { code: 'BadDeviceIdInChallenge' });
    expect((await send('phone-3', 'T-phone-3')).answer).toMatchObject({ told: 'badRequest' });
    expect((await intune.rest.get('end-entities/phone-3')).status).toBe(404);
  });
});

describe('revocation requests of the service', () => {
  const work = (): Promise<void> => intune.scene.gateway.application.get(IntuneRevocationJob, { strict: false }).run();
  let contexts = 0;
  const order = (serialNumber: string, issuerName = 'CN=Devices,O=Example'): string => {
    const requestContext = `context-${++contexts}`;
    intune.fake.toRevoke.push({ requestContext, serialNumber, issuerName, caConfiguration: INTUNE_ALIAS });
    return requestContext;
  };
  const resultsOf = (context: string) =>
    intune.fake.revocationResults.filter((result) => result.requestContext === context);
  const done = (requestContext: string) => ({ requestContext, succeeded: true, errorCode: 'None', errorMessage: null });

  it('are carried out in its name, once, though the result does not get through at first', async () => {
    const laptop = await intune.device();
    const { serialHex } = (await intune.send(laptop.message)).certificate!;
    const context = order(serialHex.toUpperCase());
    // Both aliases of the tenant try.
    intune.fake.fail('uploadRevocationResults', { status: 500 }, 2);
    await work();
    expect(await intune.certificatesOf(laptop)).toMatchObject([{ revocation_reason: 0 }]);
    expect(resultsOf(context)).toEqual([]);
    await work();
    expect(resultsOf(context)).toEqual([done(context)]);
    const { body } = await intune.rest.get('audit-events?action=certificate.revoke&actor=intune&limit=10');
    expect(body['items']).toMatchObject([{ actor: 'intune', target: `certificates/Devices/${serialHex}` }]);
  });

  it('are carried out once by two gateways that are at it together', async () => {
    const laptop = await intune.device();
    const context = order((await intune.send(laptop.message)).certificate!.serialHex);
    await Promise.all([work(), work()]);
    expect(resultsOf(context).map(({ succeeded }) => succeeded)).toEqual(expect.arrayContaining([true]));
    expect(resultsOf(context).every(({ succeeded }) => succeeded)).toBe(true);
  });

  it('reach only what was issued for its tenant', async () => {
    await intune.scene.register('router-1', 'code');
    const reply = await intune.scene.enrol('CN=router-1', 'code', { transactionID: 'T-router' });
    if (reply.pkiStatus !== 'SUCCESS') throw new Error(reply.pkiStatus);
    const contexts = [order(reply.certificate.serialHex), order('4711'), order('no number')];
    const others = order(reply.certificate.serialHex, 'CN=Others');
    await work();
    const codes = contexts.flatMap((context) => resultsOf(context).map(({ errorCode }) => errorCode));
    expect(codes).toEqual(['CertificateNotFoundError', 'CertificateNotFoundError', 'ParameterDataInvalidError']);
    expect(resultsOf(others)).toEqual([]);
    const [row] = await intune.query<IssuedRow>(
      "select revocation_reason from certificates where username = 'router-1'",
    );
    expect(row!.revocation_reason).toBeNull();
  });
});

describe('as every kind of challenge', () => {
  enrolmentContract(() => ({
    scene: intune.scene,
    alias: INTUNE_ALIAS,
    admit: async (username) => {
      const challenge = `challenge of ${username}`;
      await intune.scene.register(username, 'unused');
      intune.fake.challenges.add(challenge);
      return challenge;
    },
    foreign: () => Promise.resolve('a challenge of another tenant'),
  }));
});

it('an alias that asks the service shows its secrets to nobody', async () => {
  const { text, body } = await intune.rest.get(`aliases/${INTUNE_ALIAS}`);
  expect((body['challenge'] as { intune: object }).intune).toMatchObject({
    applicationKey: '********',
    proxyPassword: '',
  });
  const records = await intune.query('select * from requests');
  const events = await intune.query('select * from audit_events');
  for (const shown of [text, JSON.stringify([records, events])]) {
    expect(shown).not.toContain(intune.fake.applicationKey);
    expect(shown).not.toContain('challenge of laptop');
  }
});
