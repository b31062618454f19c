import { createHmac, randomUUID } from 'node:crypto';
import { DataSource } from 'typeorm';
import { AliasRegistry } from '../../src/aliases/alias.registry';
import { AuditReader } from '../../src/audit/audit-reader';
import { CertificateRevocation } from '../../src/end-entities/certificate-revocation';
import { NotificationDelivery } from '../../src/jobs/notification-delivery';
import { EndEntityProfileRegistry } from '../../src/profiles/end-entity-profile.registry';
import { CertificateProfileRegistry } from '../../src/profiles/certificate-profile.registry';
import { ApprovalDesk } from '../support/approvals';
import { enrolmentScene, type EnrolmentScene } from '../support/enrolment-scene';
import { FakeService } from '../support/fake-service';
import { issued } from '../support/renewal';

const SECRET = 'planted-webhook-secret';

let scene: EnrolmentScene;
let service: FakeService;

beforeAll(async () => {
  service = await FakeService.start();
  scene = await enrolmentScene();
  const get = <T>(type: abstract new (...parameters: never[]) => T): T =>
    scene.gateway.application.get(type, { strict: false });
  await get(CertificateProfileRegistry).create('test', 'CLIENTS', {});
  await get(CertificateProfileRegistry).create('test', 'PHONES', { validity: '9d' });
  await get(CertificateProfileRegistry).create('test', 'SERVERS', { validity: '99d' });
  await get(EndEntityProfileRegistry).create('test', 'STAFF', {
    certificateProfiles: ['CLIENTS', 'PHONES'],
    subjectAltNameTypes: ['dns'],
  });
});

afterAll(async () => {
  await service.close();
  await scene.close();
});

/** An alias whose webhook behaves in its own way, for circuit breakers know no tests. */
async function hooked(webhook: object = {}, more: object = {}): Promise<string> {
  const alias = `hook-${randomUUID().slice(0, 8)}`;
  const reached = { url: service.url(`/${alias}`), allowHttp: true, allowLoopback: true, secret: SECRET, attempts: 1 };
  await scene.createAlias(alias, { challenge: { kind: 'webhook', webhook: { ...reached, ...webhook } }, ...more });
  return alias;
}

const newest = async () => (await scene.log())[0]!;
const post = async (username: string, alias: string) =>
  scene.post((await scene.message(`CN=${username}`, 'swordfish', {}, alias)).bytes, alias);

describe('an alias with a webhook', () => {
  it('issues what the service allows, and asks it no more when the device asks again', async () => {
    const alias = await hooked();
    await scene.register('allowed', 'of no account');
    service.behave({ body: { decision: 'allow' } });
    const message = await scene.message('CN=allowed', 'swordfish', {}, alias);
    const first = await scene.send(message, alias);
    const { serialHex } = issued(first).certificate;
    const again = await scene.send(message, alias);
    const anew = await scene.enrol('CN=allowed', 'swordfish', { transactionID: message.transactionID }, alias);
    for (const repeat of [again, anew]) expect(issued(repeat).certificate.serialHex).toBe(serialHex);
    expect(service.requests).toHaveLength(1);
    expect(JSON.parse(service.requests[0]!.body)).toMatchObject({
      alias,
      endEntity: 'allowed',
      challengePassword: 'swordfish',
      certificationRequest: { subject: 'CN=allowed', publicKey: { type: 'rsa', bits: 2048 } },
    });
  });

  it('refuses what the service denies, for good and in its words', async () => {
    const alias = await hooked();
    await scene.register('denied', 'of no account');
    service.behave({
      body: { decision: 'deny', reason: 'stolen, and swordfish is spent', told: 'call the service desk' },
    });
    const reply = await scene.enrol('CN=denied', 'swordfish', {}, alias);
    expect(reply).toMatchObject({
      pkiStatus: 'FAILURE',
      failInfo: 'badRequest',
      failInfoText: 'call the service desk',
    });
    const { rule, explanation } = await newest();
    expect(rule).toBe('challenge.webhook.denied');
    expect(explanation).toContain('stolen, and [challengePassword] is spent');
  });

  it('asks nobody about what it can judge itself', async () => {
    const alias = await hooked();
    service.behave({ body: { decision: 'allow' } });
    expect((await scene.enrol('CN=unknown', 'swordfish', {}, alias)).pkiStatus).toBe('FAILURE');
    await scene.register('without', 'of no account');
    expect((await scene.enrol('CN=without', '', {}, alias)).pkiStatus).toBe('FAILURE');
    expect(await newest()).toMatchObject({ rule: 'challenge.missing' });
    expect(service.requests).toEqual([]);
  });

  it.each([
    ['slow', 'slow', 'timeout'],
    ['silent', 'silent', 'timeout'],
    ['huge', 'huge', 'too-large'],
    ['endless', 'endless', 'too-large'],
    ['malformed', { body: '{"decision":"allow"' }, 'malformed'],
    ['senseless', { body: { decision: 'allow', keyUsage: 'all' } }, 'malformed'],
    ['babbling', 'babbling', 'malformed'],
    ['redirecting', { status: 307, headers: { location: 'http://169.254.169.254/' } }, 'redirect'],
    ['failing', { status: 500, body: 'planted-internals' }, 'status'],
    ['closing', 'closing', 'connection'],
    ['breaking', 'breaking', 'connection'],
  ] as const)('sends the device away for a while where the service is %s', async (name, behaviour, rule) => {
    const alias = await hooked({ timeout: name === 'slow' || name === 'silent' ? 100 : 8000 });
    await scene.register(`at-${name}`, 'of no account');
    service.behave(behaviour);
    const before = await scene.certificates();
    expect(await post(`at-${name}`, alias)).toMatchObject({ status: 503 });
    const { rule: logged, explanation, username } = await newest();
    expect({ logged, username }).toEqual({ logged: `challenge.webhook.${rule}`, username: `at-${name}` });
    expect(explanation).toContain(service.url(`/${alias}`).slice(0, rule === 'malformed' ? 0 : undefined));
    expect(explanation).not.toMatch(/planted|swordfish/);
    expect(await scene.certificates()).toBe(before);
    // Nothing was held against the device.
    service.behave({ body: { decision: 'allow' } });
    expect((await scene.enrol(`CN=at-${name}`, 'swordfish', {}, alias)).pkiStatus).toBe('SUCCESS');
  });

  it.each([
    ['link-local', 'http://169.254.169.254/latest/meta-data/', 'refused-address'],
    ['this machine', 'http://localhost:1/', 'refused-address'],
    ['mapped', 'http://[::ffff:127.0.0.1]:1/', 'refused-address'],
    ['nowhere', 'http://nowhere.invalid/', 'unknown-name'],
  ])('does not reach an internal address: %s', async (name, url, rule) => {
    const alias = await hooked({ url, allowLoopback: false });
    await scene.register(`to-${name}`.replace(' ', '-'), 'of no account');
    expect(await post(`to-${name}`.replace(' ', '-'), alias)).toMatchObject({ status: 503 });
    expect(await newest()).toMatchObject({ errorCode: 'challenge-unavailable', rule: `challenge.webhook.${rule}` });
  });

  it('puts in what the service says, as far as the profiles go', async () => {
    const alias = await hooked();
    const issue = async (username: string, content: object) => {
      await scene.register(username, 'of no account', { endEntityProfile: 'STAFF', certificateProfile: 'CLIENTS' });
      service.behave({ body: { decision: 'allow', content } });
      return scene.enrol(`CN=${username}`, 'swordfish', {}, alias);
    };
    const dns = [{ type: 'dns', value: 'jo.example.org' }];
    const right = await issue('put-1', {
      subject: 'CN=Jo,O=Example',
      subjectAltNames: dns,
      certificateProfile: 'PHONES',
    });
    const { certificate } = issued(right);
    expect(certificate.subject.toString()).toBe('CN=Jo,O=Example');
    expect(certificate.der.includes('jo.example.org')).toBe(true);
    expect(certificate.notAfter.getTime() - scene.clock.now().getTime()).toBeLessThan(10 * 86_400_000);
    const part = await issue('put-2', { certificateProfile: 'PHONES' });
    expect(issued(part).certificate.subject.toString()).toBe('CN=put-2');
    for (const [index, content, rule] of [
      [3, { certificateProfile: 'SERVERS' }, 'challenge.content'],
      [4, { certificateProfile: 'NOSUCH' }, 'challenge.content'],
      [5, { subjectAltNames: [{ type: 'upn', value: 'admin@example.org' }] }, 'end-entity-profile.names'],
      [6, { subject: 'CN=a\u202eb' }, 'request.subject-characters'],
      [7, { subject: 'CN=Devices,O=Example' }, undefined],
    ] as const) {
      expect(await issue(`put-${index}`, content)).toMatchObject({ pkiStatus: 'FAILURE', failInfo: 'badRequest' });
      const logged = await newest();
      expect(logged.outcome).toBe('refused');
      if (rule !== undefined) expect(logged.rule).toBe(rule);
    }
  });

  it('registers in RA mode what the service puts in', async () => {
    const ra = { endEntityProfile: 'STAFF', certificateProfile: 'CLIENTS' };
    const alias = await hooked({}, { operationalMode: 'RA', ra });
    service.behave({ body: { decision: 'allow', content: { subject: 'CN=Jo', certificateProfile: 'PHONES' } } });
    expect(issued(await scene.enrol('CN=ra-1', 'swordfish', {}, alias)).certificate.subject.toString()).toBe('CN=Jo');
    expect(JSON.parse(service.requests[0]!.body)).toMatchObject({ endEntity: null });
    expect(await scene.endEntities.get('ra-1')).toMatchObject({ subject: 'CN=Jo', certificateProfile: 'PHONES' });
    service.behave({ body: { decision: 'allow', content: { certificateProfile: 'SERVERS' } } });
    expect((await scene.enrol('CN=ra-2', 'swordfish', {}, alias)).pkiStatus).toBe('FAILURE');
    expect(await newest()).toMatchObject({ rule: 'challenge.content' });
  });

  it('does not let an officer approve what he cannot see', async () => {
    const alias = await hooked({}, { approval: { enrolment: true } });
    await scene.register('approved', 'of no account');
    service.behave({ body: { decision: 'allow', content: { subject: 'CN=other' } } });
    expect((await scene.enrol('CN=approved', 'swordfish', {}, alias)).pkiStatus).toBe('FAILURE');
    expect(await newest()).toMatchObject({ rule: 'challenge.content' });
    service.behave({ body: { decision: 'allow' } });
    expect((await scene.enrol('CN=approved', 'swordfish', {}, alias)).pkiStatus).toBe('PENDING');
  });
});

describe('notifications', () => {
  let delivery: NotificationDelivery;
  let database: DataSource;

  beforeAll(() => {
    delivery = scene.gateway.application.get(NotificationDelivery, { strict: false });
    database = scene.gateway.application.get(DataSource);
  });

  /** An alias of any other kind that notifies. */
  async function notifying(events: string[], webhook: object = {}, more: object = {}): Promise<string> {
    const alias = `notify-${randomUUID().slice(0, 8)}`;
    const reached = { allowHttp: true, allowLoopback: true, secret: SECRET, ...webhook };
    const notifications = { events, url: service.url(`/${alias}`) };
    await scene.createAlias(alias, { challenge: { webhook: reached }, notifications, ...more });
    return alias;
  }
  const told = () => service.requests.map(({ body }) => JSON.parse(body) as Record<string, unknown>);
  const waiting = async () => (await database.query<unknown[]>('select from notifications')).length;
  const revoke = (serialHex: string, reason: 'certificateHold' | 'removeFromCRL' | 'superseded') =>
    scene.gateway.application
      .get(CertificateRevocation, { strict: false })
      .revoke('test', 'Devices', Buffer.from(serialHex, 'hex'), reason);

  it('tell of issuance, refusal and revocation, signed, once each and in their order', async () => {
    const alias = await notifying(['issued', 'refused', 'revoked']);
    await scene.register('told-1', 'planted-code');
    service.behave({ body: 'whatever' });
    expect((await scene.enrol('CN=told-1', 'planted-guess', {}, alias)).pkiStatus).toBe('FAILURE');
    const { certificate } = issued(await scene.enrol('CN=told-1', 'planted-code', { transactionID: 'N-1' }, alias));
    await revoke(certificate.serialHex, 'certificateHold');
    await revoke(certificate.serialHex, 'removeFromCRL');
    expect(service.requests).toEqual([]);
    await delivery.deliverDue();
    const [refusal, issuance, hold, release] = told();
    expect(refusal).toMatchObject({
      version: 1,
      type: 'notification',
      event: 'refused',
      alias,
      endEntity: 'told-1',
      subject: 'CN=told-1',
      messageType: 'PKCSReq',
      rule: 'challenge.wrong',
      explanation: expect.stringContaining('told-1'),
    });
    const about = {
      alias,
      endEntity: 'told-1',
      certificate: {
        authority: 'Devices',
        serialNumber: certificate.serialHex,
        subject: 'CN=told-1',
        notBefore: certificate.notBefore.toISOString(),
        notAfter: certificate.notAfter.toISOString(),
        sha256: certificate.fingerprint('sha256').toString('hex'),
        der: certificate.der.toString('base64'),
      },
    };
    expect(issuance).toMatchObject({
      event: 'issued',
      transactionID: 'N-1',
      renewal: false,
      source: '127.0.0.1',
      ...about,
    });
    expect(hold).toMatchObject({ event: 'revoked', reason: 'certificateHold', ...about });
    expect(release).toMatchObject({ event: 'revoked', reason: 'removeFromCRL', ...about });
    expect(JSON.stringify(service.requests)).not.toMatch(/planted/);
    const [first] = service.requests;
    const timestamp = first!.headers['scep-gateway-timestamp'] as string;
    const signature = createHmac('sha256', SECRET).update(`${timestamp}.${first!.body}`).digest('hex');
    expect(first!.headers['scep-gateway-signature']).toBe(`v1=${signature}`);
    expect(first!.headers['idempotency-key']).toBe(refusal!['idempotencyKey']);
    await delivery.deliverDue();
    expect(service.requests).toHaveLength(4);
    expect(await waiting()).toBe(0);
  });

  it("tell of what an officer's yes issues", async () => {
    const alias = await notifying(['issued'], {}, { approval: { enrolment: true } });
    await scene.register('told-4', 'code');
    expect((await scene.enrol('CN=told-4', 'code', { transactionID: 'N-4' }, alias)).pkiStatus).toBe('PENDING');
    expect(await waiting()).toBe(0);
    await new ApprovalDesk(scene).approve('told-4');
    service.behave({ status: 200 });
    await delivery.deliverDue();
    expect(told()).toMatchObject([{ event: 'issued', transactionID: 'N-4', endEntity: 'told-4' }]);
  });

  it('tell of nothing that nobody wants to know', async () => {
    const alias = await notifying(['revoked']);
    await scene.register('told-2', 'code');
    await scene.enrol('CN=told-2', 'wrong', {}, alias);
    issued(await scene.enrol('CN=told-2', 'code', {}, alias));
    expect(await waiting()).toBe(0);
  });

  it('are tried again, later and later, with the same key, and the later ones of a certificate wait', async () => {
    const alias = await notifying(['issued', 'revoked']);
    await scene.register('told-3', 'code');
    const { certificate } = issued(await scene.enrol('CN=told-3', 'code', {}, alias));
    await revoke(certificate.serialHex, 'superseded');
    service.behave({ status: 503 });
    await delivery.deliverDue();
    await delivery.deliverDue();
    expect(told()).toMatchObject([{ event: 'issued' }]);
    const [key] = told().map(({ idempotencyKey }) => idempotencyKey);
    scene.clock.advance({ seconds: 30 });
    await delivery.deliverDue();
    scene.clock.advance({ seconds: 30 });
    await delivery.deliverDue();
    expect(told()).toMatchObject([{ idempotencyKey: key }, { idempotencyKey: key }]);
    service.behave({ status: 204 });
    scene.clock.advance({ seconds: 30 });
    await delivery.deliverDue();
    expect(told()).toMatchObject([
      { event: 'issued', idempotencyKey: key },
      { event: 'revoked', reason: 'superseded' },
    ]);
    expect(await waiting()).toBe(0);
  });

  it.each([
    ['redirecting', { status: 302, headers: { location: 'http://169.254.169.254/' } }],
    ['huge', 'huge'],
    ['closing', 'closing'],
  ] as const)('are given up after three days, with a word in the audit log: %s', async (_, behaviour) => {
    const alias = await notifying(['issued']);
    const username = `told-${alias}`;
    await scene.register(username, 'code');
    issued(await scene.enrol(`CN=${username}`, 'code', {}, alias));
    // Those of a service that is silent are given up together.
    await database.query(
      `insert into notifications (key, alias_id, event, details, created_at, next_attempt_at)
      select gen_random_uuid(), alias_id, 'issued', '{}', created_at, next_attempt_at + interval '4 days'
      from notifications, generate_series(1, 50)`,
    );
    service.behave(behaviour);
    await delivery.deliverDue();
    scene.clock.advance({ days: 3 });
    await delivery.deliverDue();
    expect(service.requests).toHaveLength(2);
    expect(await waiting()).toBe(0);
    const events = await scene.gateway.application
      .get(AuditReader, { strict: false })
      .list({ target: `aliases/${alias}` }, 10);
    expect(events[0]).toMatchObject({
      actor: 'gateway',
      action: 'notification.give-up',
      details: { event: 'issued', attempts: 2, others: 50, reason: expect.stringContaining(service.url(`/${alias}`)) },
    });
  });

  it('of an alias that is gone are gone, and one that cannot be reached holds up no other', async () => {
    const [gone, dead, alive] = [
      await notifying(['issued']),
      await notifying(['issued'], { allowLoopback: false }),
      await notifying(['issued']),
    ];
    for (const alias of [gone, dead, alive]) {
      await scene.register(`at-${alias}`, 'code');
      issued(await scene.enrol(`CN=at-${alias}`, 'code', {}, alias));
    }
    await scene.gateway.application.get(AliasRegistry, { strict: false }).remove('test', gone);
    service.behave({ status: 200 });
    await delivery.deliverDue();
    expect(service.requests.map(({ path }) => path)).toEqual([`/${alive}`]);
    expect(await waiting()).toBe(1);
    await scene.gateway.application
      .get(AliasRegistry, { strict: false })
      .patch('test', dead, { notifications: { events: [] } });
    scene.clock.advance({ seconds: 30 });
    await delivery.deliverDue();
    expect(await waiting()).toBe(0);
  });

  it('need a secret and a URL', async () => {
    const refused = {
      code: 'invalid-input',
      fields: [{ field: 'challenge.webhook.secret', message: expect.anything() }],
    };
    await expect(notifying(['issued'], { secret: '' })).rejects.toMatchObject(refused);
    const unknown = scene.createAlias('odd', {
      challenge: { webhook: { secret: SECRET } },
      notifications: { events: ['issued'] },
    });
    await expect(unknown).rejects.toMatchObject({ fields: [{ field: 'challenge.webhook.url' }] });
  });
});

describe('the settings of a webhook', () => {
  it.each([
    ['no URL', { url: '' }, 'challenge.webhook.url'],
    ['no secret', { secret: '' }, 'challenge.webhook.secret'],
    ['http', { allowHttp: false }, 'challenge.webhook.url'],
    ['credentials in the URL', { url: 'https://a:b@mdm.example.org/' }, 'challenge.webhook.url'],
    ['no certificates', { caCertificates: 'none' }, 'challenge.webhook.caCertificates'],
    ['a user name alone', { username: 'user' }, 'challenge.webhook.password'],
    ['two ways to show who it is', { username: 'user', password: 'p', bearerToken: 't' }, 'challenge.webhook.username'],
    ['no time', { timeout: 5 }, 'challenge.webhook.timeout'],
  ])('are checked: %s', async (_, webhook, field) => {
    await expect(hooked(webhook)).rejects.toMatchObject({
      code: 'invalid-input',
      fields: [expect.objectContaining({ field })],
    });
  });
});
