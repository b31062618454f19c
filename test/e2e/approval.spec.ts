import { PrivateKey } from '../../src/pki/cms/private-key';
import { ApprovalDesk, newUsername, statusOf } from '../support/approvals';
import { DEVICE_KEY, enrolmentScene, type EnrolmentScene } from '../support/enrolment-scene';
import { enrolled, issued, sql, verdictOn } from '../support/renewal';

const OTHER_KEY = PrivateKey.generateRsa(2048);

describe('an alias that wants an officer’s approval', () => {
  let scene: EnrolmentScene;
  let desk: ApprovalDesk;

  beforeAll(async () => {
    scene = await enrolmentScene();
    desk = new ApprovalDesk(scene);
    await scene.createAlias('approved', { approval: { enrolment: true } });
    await scene.createAlias('other', { approval: { enrolment: true } });
  });

  afterAll(() => scene.close());

  /** Registers an end entity and has it ask; it waits. */
  async function applicant(more: object = {}): Promise<{ username: string; subject: string }> {
    const username = newUsername();
    const subject = `CN=${username}`;
    await scene.register(username, 'secret', more);
    expect(await ask(subject)).toBe('PENDING');
    return { username, subject };
  }

  const ask = async (
    subject: string,
    changes: Parameters<EnrolmentScene['enrol']>[2] = {},
    password = 'secret',
    alias = 'approved',
  ): Promise<string> => statusOf(await scene.enrol(subject, password, changes, alias));

  const poll = async (subject: string, changes: Parameters<ApprovalDesk['poll']>[1] = {}): Promise<string> =>
    statusOf(await desk.poll(subject, changes, 'approved'));

  const statusInRegistry = async (username: string) => {
    const { status, remainingRequests } = await scene.endEntities.get(username);
    return { status, remainingRequests };
  };

  it('F-04, H-08: PENDING, then approved, then fetched (RFC 8894 section 4.4)', async () => {
    const { username, subject } = await applicant();
    expect(await verdictOn(scene)).toBe('approval');
    expect(await statusInRegistry(username)).toEqual({ status: 'INPROCESS', remainingRequests: 0 });
    expect(await poll(subject)).toBe('PENDING');
    const { status, body } = await desk.approve(username);
    expect(status).toBe(200);
    expect(body).toMatchObject({ state: 'approved', decidedBy: 'administrator' });
    const { certificate } = issued(await desk.poll(subject, {}, 'approved'));
    expect(certificate.serialHex).toBe(body['serialNumber']);
    expect(await statusInRegistry(username)).toEqual({ status: 'GENERATED', remainingRequests: 0 });
  });

  it('P-04: a poll whose answer was lost gets the same certificate again, and so does the PKCSReq', async () => {
    const { username, subject } = await applicant();
    await desk.approve(username);
    const before = await scene.certificates();
    const [first, second] = [await desk.poll(subject, {}, 'approved'), await desk.poll(subject, {}, 'approved')];
    expect(issued(second).certificate.der).toEqual(issued(first).certificate.der);
    const again = await scene.enrol(subject, 'secret', {}, 'approved');
    expect(issued(again).certificate.der).toEqual(issued(first).certificate.der);
    expect(await scene.certificates()).toBe(before);
  });

  it('N-06: a repeated PKCSReq is PENDING, byte for byte or newly signed, and opens nothing', async () => {
    const username = newUsername();
    await scene.register(username, 'secret');
    const message = await scene.message(`CN=${username}`, 'secret', {}, 'approved');
    expect(statusOf(await scene.send(message, 'approved'))).toBe('PENDING');
    expect(statusOf(await scene.send(message, 'approved'))).toBe('PENDING');
    expect(await ask(`CN=${username}`)).toBe('PENDING');
    expect(await desk.of(username)).toHaveLength(1);
  });

  it('P-05: a PKCSReq with a new transactionID joins the approval, and each transaction gets the one certificate', async () => {
    const { username, subject } = await applicant();
    expect(await ask(subject, { transactionID: 'second' })).toBe('PENDING');
    expect(await desk.newest(username)).toMatchObject({ transactions: 2 });
    expect(await desk.of(username)).toHaveLength(1);
    await desk.approve(username);
    const first = issued(await desk.poll(subject, {}, 'approved'));
    const second = issued(await desk.poll(subject, { transactionID: 'second' }, 'approved'));
    expect(second.certificate.der).toEqual(first.certificate.der);
  });

  it('P-05: but not without bound: anyone can think of a transactionID', async () => {
    const { username, subject } = await applicant();
    const { id } = await desk.newest(username);
    await sql(scene, 'update approvals set transactions = 20 where id = $1', [id]);
    expect(await ask(subject, { transactionID: 'one too many' })).toBe('badRequest');
    expect(await verdictOn(scene)).toBe('approval.transactions');
  });

  it('a code is used up while its request waits: another request with it is refused', async () => {
    const { subject } = await applicant();
    expect(await ask(subject, { key: OTHER_KEY })).toBe('badRequest');
    expect(await verdictOn(scene)).toBe('end-entity.allowed-requests');
    expect(await ask(`${subject},O=Other`)).toBe('badRequest');
  });

  it('a code stays used up when the end entity is changed meanwhile', async () => {
    const { username, subject } = await applicant();
    await scene.endEntities.patch('test', username, { subject: `CN=${username},O=Moved` });
    expect(await statusInRegistry(username)).toEqual({ status: 'INPROCESS', remainingRequests: 0 });
    expect(await ask(subject, { key: OTHER_KEY })).toBe('badRequest');
    await desk.approve(username);
    expect(await statusInRegistry(username)).toEqual({ status: 'GENERATED', remainingRequests: 0 });
  });

  it('a PKCSReq that is signed by a certificate which cannot be renewed waits as an enrolment', async () => {
    const { username, certificate, key } = await enrolled(scene);
    await scene.endEntities.setStatus('test', username, { status: 'NEW' });
    await desk.rest.post(`certificates/Devices/${certificate.serialHex}/revoke`, { reason: 'superseded' });
    const changes = { signer: { certificate, key }, transactionID: username };
    expect(await ask(`CN=${username}`, changes)).toBe('PENDING');
    expect(await desk.newest(username)).toMatchObject({ messageType: 'PKCSReq', renews: null });
    expect(await statusInRegistry(username)).toEqual({ status: 'INPROCESS', remainingRequests: 0 });
    await desk.approve(username);
    expect(await poll(`CN=${username}`, changes)).toBe('SUCCESS');
    expect(await statusInRegistry(username)).toEqual({ status: 'GENERATED', remainingRequests: 0 });
  });

  it('a wrong challengePassword, or a name that nobody has, opens no approval', async () => {
    const username = newUsername();
    await scene.register(username, 'secret');
    expect(await ask(`CN=${username}`, {}, 'wrong')).toBe('badRequest');
    expect(await ask('CN=nobody')).toBe('badRequest');
    expect(await desk.of(username)).toEqual([]);
  });

  it('what the profiles forbid is refused at once, not kept waiting', async () => {
    const username = newUsername();
    await scene.register(username, 'secret');
    const weak = PrivateKey.generateRsa(1024);
    expect(await ask(`CN=${username}`, { key: weak })).not.toBe('PENDING');
    expect(await desk.of(username)).toEqual([]);
  });

  describe('rejected', () => {
    it('is final for its polls; the reason stays with administrators', async () => {
      const { username, subject } = await applicant();
      expect((await desk.reject(username, { reason: 'stolen' })).body).toMatchObject({
        state: 'rejected',
        reason: 'stolen',
      });
      const reply = await desk.poll(subject, {}, 'approved');
      expect(reply).toMatchObject({ pkiStatus: 'FAILURE', failInfo: 'badRequest' });
      expect(JSON.stringify(reply)).not.toContain('stolen');
      expect(await verdictOn(scene)).toBe('approval.rejected');
      expect(await poll(subject)).toBe('badRequest');
      expect(await statusInRegistry(username)).toEqual({ status: 'FAILED', remainingRequests: 1 });
    });

    it('tells the device the reason where the officer says so', async () => {
      const { username, subject } = await applicant();
      await desk.reject(username, { reason: 'bring it to room 12', tellDevice: true });
      expect(await desk.poll(subject, {}, 'approved')).toMatchObject({
        failInfoText: 'the request was rejected: bring it to room 12',
      });
    });

    it('refuses the very message again, by which micromdm polls, and opens a new approval for a new one', async () => {
      const username = newUsername();
      await scene.register(username, 'secret');
      const message = await scene.message(`CN=${username}`, 'secret', {}, 'approved');
      await scene.send(message, 'approved');
      await desk.reject(username);
      expect(statusOf(await scene.send(message, 'approved'))).toBe('badRequest');
      expect(await desk.of(username)).toHaveLength(1);
      expect(await ask(`CN=${username}`)).toBe('PENDING');
      expect(await desk.of(username)).toHaveLength(2);
      expect(await poll(`CN=${username}`)).toBe('PENDING');
      await desk.approve(username);
      expect(await poll(`CN=${username}`)).toBe('SUCCESS');
    });
  });

  describe('expired', () => {
    it('is judged so before any job has come round, and gives back the code', async () => {
      const { username, subject } = await applicant();
      scene.clock.advance({ days: 7, seconds: 1 });
      expect(await poll(subject)).toBe('badRequest');
      expect(await verdictOn(scene)).toBe('approval.expiresAfter');
      expect(await desk.newest(username)).toMatchObject({ state: 'expired' });
      expect((await desk.approve(username)).status).toBe(409);
      // Another request with the code finds it unused.
      expect(await ask(subject, { key: OTHER_KEY })).toBe('PENDING');
      expect((await desk.of(username)).map(({ state }) => state as string)).toEqual(['waiting', 'expired']);
    });

    it('opens a new approval for a newly signed PKCSReq', async () => {
      const { username, subject } = await applicant();
      scene.clock.advance({ days: 7, seconds: 1 });
      expect(await ask(subject)).toBe('PENDING');
      expect((await desk.of(username)).map(({ state }) => state as string)).toEqual(['waiting', 'expired']);
    });
  });

  describe('whose poll is it', () => {
    it('N-20, P-01, P-02: another transactionID is badCertId', async () => {
      const { subject } = await applicant();
      expect(await poll(subject, { transactionID: 'never heard of' })).toBe('badCertId');
      expect(await verdictOn(scene)).toBe('poll.transaction');
    });

    it('P-08: another key is badCertId, whatever it says of itself', async () => {
      const { username, subject } = await applicant();
      const transactionID = (await desk.newest(username))['transactionID'] as string;
      expect(await poll(subject, { key: OTHER_KEY, transactionID })).toBe('badCertId');
      await desk.approve(username);
      expect(await poll(subject, { key: OTHER_KEY, transactionID })).toBe('badCertId');
    });

    it('another alias is badCertId', async () => {
      const { subject } = await applicant();
      expect(statusOf(await desk.poll(subject, {}, 'other'))).toBe('badCertId');
    });

    it('P-03: the names in it do not matter', async () => {
      await applicant();
      const { subject } = await applicant();
      const transactionID = (await desk.newest(subject.slice(3)))['transactionID'] as string;
      expect(await poll('CN=garbage', { transactionID })).toBe('PENDING');
    });

    it('the signer is known by its key: sscep makes itself a new certificate when it resumes', async () => {
      const { subject } = await applicant();
      scene.clock.advance({ hours: 3 });
      expect(await poll(subject, { key: DEVICE_KEY })).toBe('PENDING');
    });

    it.each(['revoked', 'expired', 'NEW'])(
      'a certificate that is of no use any more is badCertId: %s',
      async (what) => {
        const { username, subject } = await applicant();
        const serial = (await desk.approve(username)).body['serialNumber'] as string;
        expect(await poll(subject)).toBe('SUCCESS');
        if (what === 'revoked') await desk.rest.post(`certificates/Devices/${serial}/revoke`, { reason: 'superseded' });
        else if (what === 'NEW') await desk.rest.post(`end-entities/${username}/status`, { status: 'NEW' });
        else await sql(scene, 'update certificates set not_after = $1 where username = $2', [new Date(0), username]);
        expect(await poll(subject)).toBe('badCertId');
        expect(await verdictOn(scene)).toBe('poll.certificate');
      },
    );

    it('P-07: an enrolment that was issued at once can be polled for, too', async () => {
      const username = newUsername();
      await scene.register(username, 'secret');
      const first = issued(await scene.enrol(`CN=${username}`, 'secret', { key: OTHER_KEY }));
      const polled = issued(await desk.poll(`CN=${username}`, { key: OTHER_KEY }, 'scep'));
      expect(polled.certificate.der).toEqual(first.certificate.der);
    });
  });
});
