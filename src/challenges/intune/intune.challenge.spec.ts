import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { challengeAlias, challengeCase } from '../../../test/support/challenge-case';
import { challengeContract } from '../../../test/support/challenge-contract';
import { FakeIntune } from '../../../test/support/fake-intune';
import { FixedClock } from '../../../test/support/fixed-clock';
import { SequenceRandom } from '../../../test/support/sequence-random';
import { TestSigningKey } from '../../../test/support/test-signing-key';
import { ServiceError } from '../../common/service-error';
import { OutboundClients } from '../../outbound/outbound-clients';
import { Certificate } from '../../pki/x509/certificate';
import { buildCertificate } from '../../pki/x509/certificate-builder';
import { DistinguishedName } from '../../pki/x509/distinguished-name';
import type { ChallengeAlias, ChallengeCase } from '../challenge';
import type { HeldCertificate } from '../releasing';
import { IntuneChallenge } from './intune.challenge';
import { IntuneConnections } from './intune-connections';
import { INTUNE_DEFAULTS } from './intune-settings';

const clock = new FixedClock();
const RIGHT = 'a challenge of Intune';
const KEY = 'application-key';

describe('the challenge of kind intune', () => {
  let fake: FakeIntune;
  let kind: IntuneChallenge;
  let alias: ChallengeAlias;

  beforeEach(async () => {
    fake = await FakeIntune.start(clock);
    fake.challenges.add(RIGHT);
    kind = new IntuneChallenge(new IntuneConnections(new OutboundClients(), clock, new SequenceRandom()));
    const intune = { ...INTUNE_DEFAULTS, ...fake.settings };
    alias = challengeAlias({ kind: 'intune', intune }, { 'challenge.intune.applicationKey': KEY });
  });

  afterEach(async () => {
    await fake.close();
  });

  const ask = (challengePassword: string): Promise<ChallengeCase> => challengeCase({ alias, challengePassword });
  const failure = (answer: Promise<unknown>): Promise<ServiceError> =>
    answer.then(
      () => Promise.reject(new Error('it went well')),
      (error: unknown) => (error instanceof ServiceError ? error : Promise.reject(error as Error)),
    );

  challengeContract(() => ({ kind, ask, right: RIGHT, foreign: 'a challenge of others', secrets: [KEY] }));

  it('asks nobody about an empty challengePassword', async () => {
    await expect(kind.judge(await ask(' '))).resolves.toMatchObject({ right: false, rule: 'challenge.missing' });
    expect(fake.calls).toEqual([]);
  });

  it.each([
    ['ChallengeExpired', false],
    ['ScepProfileNoLongerTargetedToTheClient', false],
    ['ChallengeDecodingError', true],
    ['SubjectNameMismatch', true],
    ['BadDeviceIdInChallenge', true],
  ])('refuses %s; a guess: %s', async (code, countsAsFailure) => {
    fake.fail('validateRequest', { code });
    const verdict = await kind.judge(await ask(RIGHT));
    expect(verdict).toMatchObject({ right: false, rule: 'challenge.intune.validation', countsAsFailure });
    expect(verdict).not.toHaveProperty('told');
  });

  it.each([
    ['token', 'challenge.intune.login'],
    ['endpoints', 'challenge.intune.discovery'],
    ['validateRequest', 'challenge.intune.validation'],
  ] as const)('cannot tell while %s fails', async (call, rule) => {
    fake.fail(call, { status: 500 });
    const error = await failure(Promise.resolve(kind.judge(await ask(RIGHT))));
    expect(error).toMatchObject({ code: 'challenge-unavailable', rule, retryAfterSeconds: undefined });
    expect(error.publicDetail).not.toMatch(/HTTP|intune/i);
  });

  it('passes on when the service wants to be asked again', async () => {
    fake.fail('validateRequest', { status: 429, headers: { 'retry-after': '77' } });
    expect(await failure(Promise.resolve(kind.judge(await ask(RIGHT))))).toMatchObject({ retryAfterSeconds: 77 });
  });

  it('keeps its connection while the settings are the same, and not beyond', async () => {
    await kind.judge(await ask(RIGHT));
    alias = { ...alias, challenge: { ...alias.challenge, intune: { ...alias.challenge.intune } } };
    await kind.judge(await ask(RIGHT));
    expect(fake.of('token')).toHaveLength(2);
    alias = challengeAlias(alias.challenge, { 'challenge.intune.applicationKey': 'wrong' });
    expect(await failure(Promise.resolve(kind.judge(await ask(RIGHT))))).toMatchObject({
      rule: 'challenge.intune.login',
    });
  });

  it('goes by way of the proxy, with its password', async () => {
    const asked: (string | undefined)[] = [];
    const proxy = createServer().on('connect', ({ url = '', headers }, socket) => {
      asked.push(headers['proxy-authorization']);
      const { hostname, port } = new URL(`http://${url}`);
      const onward = connect(Number(port), hostname, () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        onward.pipe(socket).pipe(onward);
      });
      for (const end of [onward, socket]) end.on('error', () => onward.destroy());
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const proxyUrl = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const secrets = { 'challenge.intune.applicationKey': KEY, 'challenge.intune.proxyPassword': 'word' };
    const intune = { ...alias.challenge.intune, proxyUrl, proxyUser: 'gateway' };
    alias = challengeAlias({ ...alias.challenge, intune }, secrets);
    try {
      await expect(kind.judge(await ask(RIGHT))).resolves.toEqual({ right: true });
    } finally {
      proxy.close();
    }
    // A tunnel for each of token, addresses, token, request.
    expect(asked).toEqual(Array.from({ length: 4 }, () => `Basic ${Buffer.from('gateway:word').toString('base64')}`));
  });

  describe('a certificate', () => {
    let held: HeldCertificate;

    beforeEach(async () => {
      const asked = await ask(RIGHT);
      await kind.judge(asked);
      const key = TestSigningKey.ec();
      const der = await buildCertificate({
        serialNumber: Buffer.from('00c0ffee', 'hex'),
        issuer: DistinguishedName.parse('CN=Devices,O=Example'),
        subject: DistinguishedName.parse('CN=laptop'),
        notBefore: new Date('2026-01-01T00:00:00Z'),
        notAfter: new Date('2027-02-03T04:05:06Z'),
        spki: key.publicKey.spki,
        extensions: undefined,
        signer: key,
        digest: 'sha256',
      });
      const certificationRequest = asked.certificationRequest.der;
      const certificate = Certificate.read(der);
      held = { alias, transactionID: asked.transactionID, certificationRequest, certificate, authority: 'Devices' };
    });

    it('is told of with all that the service wants to know, as often as need be', async () => {
      await expect(kind.announce(held)).resolves.toEqual({ released: true });
      await expect(kind.announce(held)).resolves.toEqual({ released: true });
      expect(fake.issued.get('T-1')).toEqual({
        transactionId: 'T-1',
        certificateRequest: held.certificationRequest.toString('base64'),
        callerInfo: expect.stringMatching(/^scep-gateway\//),
        certificateThumbprint: held.certificate.fingerprint('sha1').toString('hex').toUpperCase(),
        certificateSerialNumber: 'C0FFEE',
        certificateExpirationDateUtc: '2027-02-03T04:05:06.000Z',
        issuingCertificateAuthority: 'CN=Devices,O=Example',
        caConfiguration: 'scep',
        certificateAuthority: 'Devices',
      });
    });

    it('can be refused', async () => {
      fake.fail('successNotification', { code: 'ChallengeExpired' });
      await expect(kind.announce(held)).resolves.toMatchObject({
        released: false,
        rule: 'challenge.intune.notification',
        explanation: expect.stringContaining('ChallengeExpired'),
      });
    });

    it('waits while nobody can tell', async () => {
      fake.fail('successNotification', { drop: 'after' });
      expect(await failure(kind.announce(held))).toMatchObject({ code: 'challenge-unavailable' });
    });

    it.each([
      ['short', 'short'],
      ['', 'refused'],
      ['x'.repeat(255), 'x'.repeat(255)],
      ['x'.repeat(256), `${'x'.repeat(254)}…`],
      ['two\nlines', 'two lines'],
    ])('is not to come: the reason %j', async (reason, told) => {
      await kind.announceRefusal(held, 'request-refused', reason);
      expect(fake.failed).toMatchObject([{ transactionId: 'T-1', hResult: 0x20000102, errorDescription: told }]);
    });

    it('is not waited for longer than the alias says', () => {
      const issuedAt = new Date('2026-01-02T03:04:05Z');
      expect(kind.deadline(alias, issuedAt)).toEqual(new Date('2026-01-03T03:04:05Z'));
    });
  });
});
