import type { Enrolment } from '../../src/client/enrolment-message';
import { readEnvelopedData } from '../../src/pki/cms/enveloped-data';
import { PrivateKey } from '../../src/pki/cms/private-key';
import { decodeCertRep } from '../../src/scep/message/cert-rep.decoder';
import { ApprovalDesk, enrolmentOf, newUsername, statusOf } from '../support/approvals';
import { enrolmentScene, type EnrolmentScene } from '../support/enrolment-scene';
import { issued, NEW_KEY, renew, sql, verdictOn } from '../support/renewal';

/** Keys that cannot decrypt, and officers: the challengePassword is kept until the answer is fetched (RFC 8894 section 3.1). */
const PASSWORD = 'a long and random password';
let scene: EnrolmentScene;
let desk: ApprovalDesk;

beforeAll(async () => {
  scene = await enrolmentScene();
  desk = new ApprovalDesk(scene);
  await scene.createAlias('approved', { approval: { enrolment: true } });
  await scene.createAlias('renewals', { approval: { renewal: true }, renewal: { window: '100%' } });
});

afterAll(() => scene.close());

const rowsOf = (username: string) =>
  sql<{ state: string; sealed: Buffer | null; whole: string }>(
    scene,
    'select state, sealed_challenge_password as sealed, a::text as whole from approvals a where username = $1',
    [username],
  );

/** An end entity whose request with an EC key waits. */
async function applicant(): Promise<{ username: string; subject: string; enrolment: Partial<Enrolment> }> {
  const username = newUsername();
  const subject = `CN=${username}`;
  const enrolment = { key: PrivateKey.generateEc('P-256'), challengePassword: PASSWORD };
  await scene.register(username, PASSWORD);
  expect(statusOf(await scene.enrol(subject, PASSWORD, enrolment, 'approved'))).toBe('PENDING');
  return { username, subject, enrolment };
}

it('K-05: an EC key waits, polls, and reads its answer by the challengePassword of the request', async () => {
  const { username, subject, enrolment } = await applicant();
  expect(statusOf(await desk.poll(subject, enrolment, 'approved'))).toBe('PENDING');
  await desk.approve(username);
  const client = scene.client('approved');
  const poll = await client.encodePoll(enrolmentOf(subject, enrolment), await scene.ca('approved'));
  const { recipients, passwordRecipients } = readEnvelopedData(
    decodeCertRep((await scene.post(poll.bytes, 'approved')).body).envelope!,
  );
  expect({ byKey: recipients.length, byPassword: passwordRecipients.length }).toEqual({ byKey: 0, byPassword: 1 });
  const [record] = await scene.log();
  expect(record).toMatchObject({ messageType: 'CertPoll', outcome: 'repeated', decoded: { answer: 'password' } });
  for (let times = 0; times < 2; times++) {
    const { certificate } = issued(await desk.poll(subject, enrolment, 'approved'));
    expect(certificate.publicKey.equals(enrolment.key!.publicKey)).toBe(true);
  }
});

it('keeps the challengePassword sealed, and no longer than it is of use', async () => {
  const [approved, rejected] = [await applicant(), await applicant()];
  const [waiting] = await rowsOf(rejected.username);
  expect(waiting!.sealed).not.toBeNull();
  expect(waiting!.whole).not.toContain(Buffer.from(PASSWORD).toString('hex'));
  await desk.approve(approved.username);
  await desk.reject(rejected.username);
  expect(await rowsOf(rejected.username)).toMatchObject([{ state: 'rejected', sealed: null }]);
  const byRsa = newUsername();
  await scene.register(byRsa, PASSWORD);
  await scene.enrol(`CN=${byRsa}`, PASSWORD, {}, 'approved');
  expect(await rowsOf(byRsa)).toMatchObject([{ state: 'waiting', sealed: null }]);
});

it('K-07: a poll for what was issued without an officer is refused, and written down once', async () => {
  const username = newUsername();
  const subject = `CN=${username}`;
  const enrolment = { key: PrivateKey.generateEc('P-256'), challengePassword: PASSWORD };
  await scene.register(username, PASSWORD);
  const first = issued(await scene.enrol(subject, PASSWORD, enrolment));
  const before = (await scene.log()).length;
  expect(await desk.poll(subject, enrolment)).toMatchObject({
    failInfo: 'badRequest',
    failInfoText: expect.stringContaining('send a request that has one') as string,
  });
  expect(await verdictOn(scene)).toBe('reply.challenge-password');
  expect(await scene.log()).toHaveLength(before + 1);
  expect(issued(await scene.enrol(subject, PASSWORD, enrolment)).certificate.der).toEqual(first.certificate.der);
});

it('renewals with passwords of their own wait for a decision each, for each is answered with its own', async () => {
  const username = newUsername();
  const key = PrivateKey.generateEc('P-256');
  await scene.register(username, PASSWORD);
  const enrolment = { key, challengePassword: PASSWORD };
  const { certificate } = issued(await scene.enrol(`CN=${username}`, PASSWORD, enrolment, 'renewals'));
  const ask = { transactionID: 'first', challengePassword: 'of the first' };
  const other = { transactionID: 'second', challengePassword: 'of the second' };
  for (const changes of [ask, other])
    expect(statusOf(await renew(scene, { certificate, key }, changes, 'renewals'))).toBe('PENDING');
  expect(await desk.of(username)).toHaveLength(2);
  await desk.approve(username);
  const poll = { signer: { certificate, key }, key: NEW_KEY };
  const subject = certificate.subject.toString();
  expect(issued(await desk.poll(subject, { ...other, ...poll }, 'renewals')).certificate.publicKey.type).toBe('rsa');
  expect(statusOf(await desk.poll(subject, { ...ask, ...poll }, 'renewals'))).toBe('PENDING');
});
