import { ApprovalExpiryJob } from '../../src/jobs/approval-expiry.job';
import { PrivateKey } from '../../src/pki/cms/private-key';
import { ApprovalDesk, newUsername, statusOf } from '../support/approvals';
import { DEVICE_KEY, enrolmentScene, type EnrolmentScene } from '../support/enrolment-scene';
import { enrolled, issued, NEW_KEY, renew, sql, verdictOn } from '../support/renewal';

let scene: EnrolmentScene;
let desk: ApprovalDesk;

beforeAll(async () => {
  scene = await enrolmentScene();
  desk = new ApprovalDesk(scene);
  await scene.createAlias('approved', { approval: { enrolment: true, expiresAfter: '2d' } });
  await scene.createAlias('open', { challenge: { kind: 'approval' }, renewal: { window: '100%' } });
  await scene.createAlias('renewing', { approval: { renewal: true }, renewal: { window: '100%' } });
});

afterAll(() => scene.close());

const poll = async (username: string, alias = 'approved'): Promise<string> =>
  statusOf(await desk.poll(`CN=${username}`, { transactionID: username }, alias));

describe('a renewal that wants approval', () => {
  it('waits, leaves the end entity as it is, and is fetched with the old key', async () => {
    const { username, certificate, key } = await enrolled(scene, 'renewing');
    const signer = { certificate, key };
    expect(await renew(scene, signer, { transactionID: 'renewal' }, 'renewing')).toEqual({ pkiStatus: 'PENDING' });
    expect((await scene.endEntities.get(username)).status).toBe('GENERATED');
    expect(await desk.newest(username)).toMatchObject({ messageType: 'RenewalReq', renews: certificate.serialHex });
    const polling = { signer, key: NEW_KEY, transactionID: 'renewal', subject: certificate.subject };
    const ask = () => desk.poll('CN=any', polling, 'renewing');
    expect(await ask()).toEqual({ pkiStatus: 'PENDING' });
    const own = { key: NEW_KEY, transactionID: 'renewal' };
    expect(statusOf(await desk.poll('CN=any', own, 'renewing'))).toBe('badCertId');
    await desk.approve(username);
    expect(issued(await ask()).certificate.publicKey.equals(NEW_KEY.publicKey)).toBe(true);
    expect((await scene.endEntities.get(username)).status).toBe('GENERATED');
  });

  it('is granted though the certificate has expired meanwhile: it was asked for in time', async () => {
    const { username, certificate, key } = await enrolled(scene, 'renewing');
    await renew(scene, { certificate, key }, { transactionID: username }, 'renewing');
    await sql(scene, `update approvals set expires_at = $2 where username = $1`, [
      username,
      new Date(certificate.notAfter.getTime() + 864e5),
    ]);
    const now = scene.clock.now();
    scene.clock.set(new Date(certificate.notAfter.getTime() + 1000));
    expect((await desk.approve(username)).status).toBe(200);
    scene.clock.set(now);
  });

  it('is not granted once the certificate is revoked, or another renewal was faster', async () => {
    const first = await enrolled(scene, 'renewing');
    await renew(scene, first, { transactionID: 'a' }, 'renewing');
    await renew(scene, first, { transactionID: 'b', key: PrivateKey.generateRsa(2048) }, 'renewing');
    expect((await desk.approve(first.username)).status).toBe(200);
    const [, older] = await desk.of(first.username);
    const late = await desk.rest.post(`approvals/${older!['id'] as string}/approve`);
    expect([late.status, late.body['detail']]).toEqual([409, expect.stringContaining('newer certificate')]);
    const revoked = await enrolled(scene, 'renewing');
    await renew(scene, revoked, {}, 'renewing');
    await desk.rest.post(`certificates/Devices/${revoked.certificate.serialHex}/revoke`, { reason: 'superseded' });
    expect((await desk.approve(revoked.username)).status).toBe(409);
  });

  it('refuses at once what the rules refuse', async () => {
    const { username, certificate, key } = await enrolled(scene, 'renewing');
    const reply = await renew(scene, { certificate, key }, { key }, 'renewing');
    expect(statusOf(reply)).toBe('badRequest');
    expect(await verdictOn(scene)).toBe('renewal.allowOldKey');
    expect(await desk.of(username)).toEqual([]);
  });
});

describe('an officer in the place of the challenge', () => {
  it.each([
    ['a random challengePassword', 'J8#kk1'],
    ['none', undefined],
  ])('%s waits; nothing is taken before the yes', async (_, challengePassword) => {
    const username = newUsername();
    await scene.register(username, 'unused');
    const ask = (key = DEVICE_KEY) =>
      scene.enrol(`CN=${username}`, '', { challengePassword, key, transactionID: username }, 'open');
    expect(await ask()).toEqual({ pkiStatus: 'PENDING' });
    expect(await scene.endEntities.get(username)).toMatchObject({ status: 'INPROCESS', remainingRequests: 1 });
    // A stranger who asked first does not keep the device from asking.
    expect(await ask(NEW_KEY)).toEqual({ pkiStatus: 'PENDING' });
    const [second, first] = await desk.of(username);
    expect((await desk.rest.post(`approvals/${first!['id'] as string}/approve`)).status).toBe(200);
    expect(await poll(username, 'open')).toBe('SUCCESS');
    const late = await desk.rest.post(`approvals/${second!['id'] as string}/approve`);
    expect([late.status, late.body['detail']]).toEqual([409, expect.stringMatching(/allowed requests|INPROCESS/)]);
    // That the stranger is rejected undoes nothing of what the device was given.
    await desk.rest.post(`approvals/${second!['id'] as string}/reject`, { reason: 'a stranger' });
    expect(await scene.endEntities.get(username)).toMatchObject({ status: 'GENERATED', remainingRequests: 0 });
  });

  it('refuses names that nobody has, in the words of every refused enrolment', async () => {
    const reply = await scene.enrol('CN=nobody at all', '', {}, 'open');
    expect(reply).toMatchObject({
      failInfo: 'badRequest',
      failInfoText: expect.stringContaining('no enrolment is open'),
    });
    expect(await verdictOn(scene)).toBe('end-entity.unknown');
  });

  it('keeps no more waiting than the limits say, of one end entity and of the alias', async () => {
    await scene.createAlias('few', {
      challenge: { kind: 'approval' },
      limits: { openApprovalsPerEndEntity: 1, openApprovals: 2 },
    });
    const ask = async (username: string, key = DEVICE_KEY): Promise<string> =>
      statusOf(await scene.enrol(`CN=${username}`, '', { key, transactionID: username }, 'few'));
    const [one, two, three] = [newUsername(), newUsername(), newUsername()];
    for (const username of [one, two, three]) await scene.register(username, 'unused');
    expect(await ask(one)).toBe('PENDING');
    expect(await ask(one, NEW_KEY)).toBe('badRequest');
    expect(await verdictOn(scene)).toBe('limits.openApprovalsPerEndEntity');
    expect(await ask(two)).toBe('PENDING');
    expect(await ask(three)).toBe('badRequest');
    expect(await verdictOn(scene)).toBe('limits.openApprovals');
    await desk.reject(one);
    expect(await ask(three)).toBe('PENDING');
  });

  it('renews without a word, unless a challenge is required of renewals', async () => {
    const { username, certificate, key } = await enrolled(scene, 'scep');
    await scene.createAlias('strict', {
      challenge: { kind: 'approval' },
      renewal: { window: '100%', challengeRequired: true, fromAliases: ['scep'] },
    });
    expect(await renew(scene, { certificate, key }, {}, 'strict')).toEqual({ pkiStatus: 'PENDING' });
    expect(await desk.newest(username)).toMatchObject({ messageType: 'RenewalReq' });
  });
});

describe('K-05: a key that cannot decrypt', () => {
  it('gets its certificate under the challengePassword, which was kept sealed', async () => {
    const key = PrivateKey.generateEc('P-256');
    const username = newUsername();
    await scene.register(username, 'secret');
    const asked = { key, transactionID: username, challengePassword: 'secret' };
    expect(await scene.enrol(`CN=${username}`, 'secret', asked, 'approved')).toEqual({ pkiStatus: 'PENDING' });
    const sealed = () =>
      sql<{ sealed: Buffer | null }>(
        scene,
        'select sealed_challenge_password as sealed from approvals where username = $1',
        [username],
      );
    expect((await sealed())[0]!.sealed!.toString('latin1')).not.toContain('secret');
    await desk.approve(username);
    const reply = issued(await desk.poll(`CN=${username}`, asked, 'approved'));
    expect(reply.certificate.publicKey.equals(key.publicKey)).toBe(true);
  });

  // revocation_reason: RFC 5280 section 5.3.1
  it.each([
    ['stays while the certificate is good', 'update certificates set subject = subject where username = $1', true],
    [
      'stays while it is on hold',
      'update certificates set revoked_at = now(), revocation_reason = 6 where username = $1',
      true,
    ],
    [
      'is forgotten with a revocation',
      'update certificates set revoked_at = now(), revocation_reason = 1 where username = $1',
      false,
    ],
    ['is forgotten when it has expired', `update certificates set not_after = not_before where username = $1`, false],
    [
      'is forgotten when its end entity is put to NEW',
      'update end_entities set epoch = epoch + 1 where username = $1',
      false,
    ],
  ])('which %s', async (_, change, isKept) => {
    const username = newUsername();
    await scene.register(username, 'secret');
    const asked = { key: PrivateKey.generateEc('P-256'), transactionID: username };
    await scene.enrol(`CN=${username}`, 'secret', asked, 'approved');
    await desk.approve(username);
    await sql(scene, change, [username]);
    await scene.gateway.application.get(ApprovalExpiryJob, { strict: false }).run();
    const kept = 'select sealed_challenge_password is not null as kept from approvals where username = $1';
    expect(await sql(scene, kept, [username])).toEqual([{ kept: isKept }]);
  });

  it('and it is gone with a rejection', async () => {
    const username = newUsername();
    await scene.register(username, 'secret');
    await scene.enrol(`CN=${username}`, 'secret', { key: PrivateKey.generateEc('P-256') }, 'approved');
    await desk.reject(username);
    const rows = await sql(scene, 'select sealed_challenge_password from approvals where username = $1', [username]);
    expect(rows).toEqual([{ sealed_challenge_password: null }]);
  });
});
