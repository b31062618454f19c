import { DataSource } from 'typeorm';
import { ApprovalService } from '../../src/approvals/approval.service';
import { ApprovalExpiryJob } from '../../src/jobs/approval-expiry.job';
import { PrivateKey } from '../../src/pki/cms/private-key';
import { ApprovalDesk, newUsername, statusOf } from '../support/approvals';
import { DEVICE_KEY, enrolmentScene, type EnrolmentScene } from '../support/enrolment-scene';
import { issued, sql } from '../support/renewal';
import { until } from '../support/until';

/** Whatever is done at once to one request, it ends in exactly one way (docs/adr/0013). */
let scene: EnrolmentScene;
let desk: ApprovalDesk;

beforeAll(async () => {
  scene = await enrolmentScene();
  desk = new ApprovalDesk(scene);
  await scene.createAlias('approved', { approval: { enrolment: true } });
  await scene.createAlias('open', { challenge: { kind: 'approval' } });
});

afterAll(() => scene.close());

async function applicant(): Promise<{ username: string; subject: string; id: string }> {
  const username = newUsername();
  await scene.register(username, 'secret');
  const reply = await scene.enrol(`CN=${username}`, 'secret', { transactionID: username }, 'approved');
  expect(reply).toEqual({ pkiStatus: 'PENDING' });
  return { username, subject: `CN=${username}`, id: (await desk.newest(username))['id'] as string };
}

const certificatesOf = async (username: string): Promise<number> => {
  const [row] = await sql<{ n: number }>(scene, 'select count(*)::int as n from certificates where username = $1', [
    username,
  ]);
  return row?.n ?? 0;
};

/** What is counted and kept of an end entity. */
const registryOf = async (username: string) => {
  const [row] = await sql<{ open_approvals: number; remaining_requests: number }>(
    scene,
    'select open_approvals, remaining_requests from end_entities where username = $1',
    [username],
  );
  return row;
};

it('many officers approve at once: one certificate, one of them did it, the others are told', async () => {
  const { username, id, subject } = await applicant();
  const answers = await Promise.all(Array.from({ length: 12 }, () => desk.rest.post(`approvals/${id}/approve`)));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  expect(answers.filter(({ status }) => status === 409)).toHaveLength(11);
  expect(await certificatesOf(username)).toBe(1);
  expect(await registryOf(username)).toEqual({ open_approvals: 0, remaining_requests: 0 });
  expect(statusOf(await desk.poll(subject, { transactionID: username }, 'approved'))).toBe('SUCCESS');
});

it('approve, reject and expire at once, while the device polls: one of them counts', async () => {
  const kinds = new Set<string>();
  for (let round = 0; round < 12; round++) {
    const { username, id, subject } = await applicant();
    const polls = Array.from({ length: 3 }, () => desk.poll(subject, { transactionID: username }, 'approved'));
    const work = [
      () => desk.rest.post(`approvals/${id}/approve`),
      () => desk.rest.post(`approvals/${id}/reject`, { reason: 'no' }),
    ];
    const decisions = await Promise.all((round % 2 === 0 ? work : work.reverse()).map((decide) => decide()));
    for (const reply of await Promise.all(polls))
      expect(['PENDING', 'SUCCESS', 'badRequest']).toContain(statusOf(reply));
    expect(decisions.map(({ status }) => status).sort()).toEqual([200, 409]);
    const { state } = await desk.newest(username);
    kinds.add(state as string);
    const approved = state === 'approved';
    expect(await certificatesOf(username)).toBe(approved ? 1 : 0);
    expect(await registryOf(username)).toEqual({ open_approvals: 0, remaining_requests: approved ? 0 : 1 });
    const answer = statusOf(await desk.poll(subject, { transactionID: username }, 'approved'));
    expect(answer).toBe(approved ? 'SUCCESS' : 'badRequest');
  }
  expect([...kinds].every((kind) => kind === 'approved' || kind === 'rejected')).toBe(true);
});

it('expiring what is not due ends nothing, not even while an officer approves', async () => {
  const { username, id } = await applicant();
  const service = scene.gateway.application.get(ApprovalService, { strict: false });
  const approving = desk.rest.post(`approvals/${id}/approve`);
  await Promise.all([approving, service.expire(id), service.expireDue()]);
  // It was not due: nothing but the officer has ended it.
  expect((await approving).status).toBe(200);
  expect(await desk.newest(username)).toMatchObject({ state: 'approved' });
});

it('the job, run twice at once, ends each request once and gives back what was set aside once', async () => {
  const applicants = [await applicant(), await applicant(), await applicant()];
  scene.clock.advance({ days: 8 });
  const job = scene.gateway.application.get(ApprovalExpiryJob, { strict: false });
  await Promise.all([job.run(), job.run(), job.run()]);
  for (const { username, id } of applicants) {
    expect(await registryOf(username)).toEqual({ open_approvals: 0, remaining_requests: 1 });
    const events = await sql(scene, `select from audit_events where target = $1 and action = 'approval.expire'`, [
      `approvals/${id}`,
    ]);
    expect(events).toHaveLength(1);
  }
});

it('an end entity that changes under the officer’s hands is judged anew', async () => {
  const { username, id } = await applicant();
  const runner = scene.gateway.application.get(DataSource).createQueryRunner();
  await runner.startTransaction();
  await runner.query('update end_entities set status = 50 where username = $1', [username]);
  const approving = desk.rest.post(`approvals/${id}/approve`);
  try {
    await until(async () => {
      const waiting = await sql<unknown>(
        scene,
        `select from pg_stat_activity where wait_event_type = 'Lock' and query like '%decided as%'
          and datname = current_database()`,
      );
      return waiting.length === 1;
    });
    await runner.commitTransaction();
  } finally {
    await runner.release();
  }
  const { status, body } = await approving;
  expect([status, body['detail']]).toEqual([409, expect.stringContaining('REVOKED')]);
  expect(await desk.newest(username)).toMatchObject({ state: 'waiting', decidedBy: null });
  expect(await certificatesOf(username)).toBe(0);
});

it('equal requests at once open one approval, and all of their transactions wait for it', async () => {
  const username = newUsername();
  await scene.register(username, 'secret');
  const messages = await Promise.all(
    Array.from({ length: 6 }, (_, i) =>
      scene.message(`CN=${username}`, 'secret', { transactionID: `${username}-${i}` }, 'approved'),
    ),
  );
  const client = scene.client('approved');
  await Promise.all(messages.map(({ bytes }) => client.send(bytes, 'POST')));
  expect(await desk.of(username)).toHaveLength(1);
  expect(await desk.newest(username)).toMatchObject({ transactions: 6 });
  await desk.approve(username);
  const replies = await Promise.all(
    messages.map(({ transactionID }) => desk.poll(`CN=${username}`, { transactionID }, 'approved')),
  );
  expect(new Set(replies.map((reply) => issued(reply).certificate.serialHex)).size).toBe(1);
  expect(await certificatesOf(username)).toBe(1);
});

it('one code at once for many keys: one request waits', async () => {
  const username = newUsername();
  await scene.register(username, 'secret');
  const keys = [DEVICE_KEY, ...Array.from({ length: 4 }, () => PrivateKey.generateRsa(2048))];
  const replies = await Promise.all(keys.map((key) => scene.enrol(`CN=${username}`, 'secret', { key }, 'approved')));
  expect(replies.map(statusOf).sort()).toEqual(['PENDING', ...keys.slice(1).map(() => 'badRequest')]);
  expect(await registryOf(username)).toEqual({ open_approvals: 1, remaining_requests: 0 });
});

it('without a challenge no more wait at once than may, and of those that do one is granted', async () => {
  const username = newUsername();
  await scene.register(username, 'unused');
  const keys = [DEVICE_KEY, ...Array.from({ length: 6 }, () => PrivateKey.generateRsa(2048))];
  const replies = await Promise.all(keys.map((key) => scene.enrol(`CN=${username}`, '', { key }, 'open')));
  expect(replies.filter(({ pkiStatus }) => pkiStatus === 'PENDING')).toHaveLength(5);
  const waiting = await desk.of(username);
  const answers = await Promise.all(waiting.map(({ id }) => desk.rest.post(`approvals/${id as string}/approve`)));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  expect(await certificatesOf(username)).toBe(1);
});

it('a transaction that joins in the moment of the yes has the answer of the others', async () => {
  const { username, subject } = await applicant();
  const message = await scene.message(subject, 'secret', { transactionID: `${username}-late` }, 'approved');
  expect(await scene.send(message, 'approved')).toEqual({ pkiStatus: 'PENDING' });
  await desk.approve(username);
  // As if the statement that issued had not seen its entry yet.
  await sql(scene, `update scep_transactions set state = 'pending', serial_number = null where transaction_id = $1`, [
    message.transactionID,
  ]);
  const polled = issued(await desk.poll(subject, { transactionID: message.transactionID }, 'approved'));
  expect(issued(await scene.send(message, 'approved')).certificate.der).toEqual(polled.certificate.der);
  expect(await certificatesOf(username)).toBe(1);
});
