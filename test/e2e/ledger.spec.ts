import { DataSource } from 'typeorm';
import type { EnrolmentReply } from '../../src/client/enrolment-message';
import { octetString } from '../../src/pki/der/der-writer';
import { DevicePool } from '../../src/database/pg-pool';
import { PrivateKey } from '../../src/pki/cms/private-key';
import { subjectAltName } from '../../src/pki/x509/extension';
import { Oid } from '../../src/pki/x509/oid';
import { decodeCertRep } from '../../src/scep/message/cert-rep.decoder';
import { ApprovalDesk } from '../support/approvals';
import { enrolmentScene, type EnrolmentScene } from '../support/enrolment-scene';
import { enrolled, renew } from '../support/renewal';
import { until } from '../support/until';

/** An answer is given once: docs/adr/0005, rows I-25, N-03, N-04. */
let scene: EnrolmentScene;
let users = 0;

beforeAll(async () => {
  scene = await enrolmentScene();
});

afterAll(() => scene.close());

async function user(more: object = {}): Promise<string> {
  users += 1;
  const username = `device-${users}`;
  await scene.register(username, 'secret', more);
  return username;
}

/** Serial number of an issued certificate. */
function serialOf(reply: EnrolmentReply): string {
  if (reply.pkiStatus !== 'SUCCESS') throw new Error(JSON.stringify(reply));
  return reply.certificate.serialHex;
}

const putBackToNew = (username: string) => scene.endEntities.setStatus('test', username, { status: 'NEW' });
const sql = <T>(text: string, values: unknown[] = []): Promise<T[]> =>
  scene.gateway.application.get(DataSource).query<T[]>(text, values);

describe('I-23, I-25, L-02, N-03: a repeated PKCSReq gets the same certificate', () => {
  it('byte for byte', async () => {
    const message = await scene.message(`CN=${await user()}`, 'secret');
    const first = serialOf(await scene.send(message));
    expect(serialOf(await scene.send(message))).toBe(first);
    expect((await scene.log())[0]).toMatchObject({ outcome: 'repeated' });
  });

  it('newly signed, under another nonce and cipher', async () => {
    const subject = `CN=${await user()}`;
    const first = serialOf(await scene.enrol(subject, 'secret'));
    expect(serialOf(await scene.enrol(subject, 'secret', { cipher: 'aes256', digest: 'sha512' }))).toBe(first);
  });

  it('whatever its challengePassword, which is no part of what is asked for', async () => {
    const subject = `CN=${await user()}`;
    const first = serialOf(await scene.enrol(subject, 'secret'));
    expect(serialOf(await scene.enrol(subject, 'another one-time password'))).toBe(first);
  });

  it('whatever the key identifier that it asks for: certmonger sends another one each time', async () => {
    const subject = `CN=${await user()}`;
    const asking = (keyIdentifier: string): object => ({
      extensions: [
        { oid: Oid.subjectKeyIdentifier, critical: false, value: octetString(Buffer.from(keyIdentifier, 'hex')) },
      ],
    });
    const first = serialOf(await scene.enrol(subject, 'secret', asking('01'.repeat(20))));
    expect(serialOf(await scene.enrol(subject, 'secret', asking('02'.repeat(20))))).toBe(first);
  });
});

describe('another request under the same transactionID is a transaction of its own', () => {
  const transactionID = 'SSCEP transactionId';

  it('F-06: another key', async () => {
    const one = await user();
    const two = await user();
    const first = serialOf(await scene.enrol(`CN=${one}`, 'secret', { transactionID }));
    const second = await scene.enrol(`CN=${two}`, 'secret', { transactionID, key: PrivateKey.generateRsa(2048) });
    expect(serialOf(second)).not.toBe(first);
    expect(serialOf(await scene.enrol(`CN=${one}`, 'secret', { transactionID }))).toBe(first);
  });

  it('other content', async () => {
    const subject = `CN=${await user()}`;
    const first = serialOf(await scene.enrol(subject, 'secret', { transactionID }));
    const extensions = [subjectAltName([{ type: 'dns', value: 'other.example.com' }], false)];
    expect(await scene.enrol(subject, 'secret', { transactionID, extensions })).toMatchObject({ pkiStatus: 'FAILURE' });
    expect(serialOf(await scene.enrol(subject, 'secret', { transactionID }))).toBe(first);
  });

  it('another alias', async () => {
    await scene.createAlias('second', {});
    const subject = `CN=${await user()}`;
    serialOf(await scene.enrol(subject, 'secret', { transactionID }));
    expect(await scene.enrol(subject, 'secret', { transactionID }, 'second')).toMatchObject({ pkiStatus: 'FAILURE' });
  });
});

describe('N-04: an answer that is no longer current is not repeated', () => {
  it('after the end entity was put back to NEW', async () => {
    const username = await user();
    const message = await scene.message(`CN=${username}`, 'secret');
    const first = serialOf(await scene.send(message));
    await putBackToNew(username);
    const second = serialOf(await scene.send(message));
    expect(second).not.toBe(first);
    expect(serialOf(await scene.send(message))).toBe(second);
  });

  it('after the certificate was revoked', async () => {
    const message = await scene.message(`CN=${await user()}`, 'secret');
    serialOf(await scene.send(message));
    await sql('update certificates set revoked_at = now()');
    expect(await scene.send(message)).toMatchObject({ pkiStatus: 'FAILURE', failInfo: 'badRequest' });
  });

  it('in the renewal window', async () => {
    const message = await scene.message(`CN=${await user()}`, 'secret');
    const first = serialOf(await scene.send(message));
    scene.clock.advance({ days: 364 });
    expect(serialOf(await scene.send(message))).toBe(first);
    scene.clock.advance({ days: 2 });
    expect(await scene.send(message)).toMatchObject({ pkiStatus: 'FAILURE' });
  });

  it('and a refusal never is', async () => {
    const username = await user();
    const message = await scene.message(`CN=${username}`, 'changed later');
    expect(await scene.send(message)).toMatchObject({ pkiStatus: 'FAILURE' });
    await scene.endEntities.setStatus('test', username, { status: 'NEW', enrolmentCode: 'changed later' });
    serialOf(await scene.send(message));
  });
});

it('an answer whose certificate is lost, as by a restore of older tables, is given anew', async () => {
  const message = await scene.message(`CN=${await user({ allowedRequests: 2 })}`, 'secret');
  const first = serialOf(await scene.send(message));
  await sql('delete from certificates where serial_number = $1', [Buffer.from(first, 'hex')]);
  expect(serialOf(await scene.send(message))).not.toBe(first);
});

describe('at once', () => {
  it('a hundred uses of one enrolment code yield one certificate', async () => {
    const username = await user();
    const before = await scene.certificates();
    const messages = await Promise.all(
      Array.from({ length: 100 }, (_, i) => scene.message(`CN=${username}`, 'secret', { transactionID: `T-${i}` })),
    );
    const replies = await Promise.all(messages.map((message) => scene.send(message)));
    expect(replies.filter(({ pkiStatus }) => pkiStatus === 'SUCCESS')).toHaveLength(1);
    expect(replies.filter(({ pkiStatus }) => pkiStatus === 'FAILURE')).toHaveLength(99);
    expect(await scene.certificates()).toBe(before + 1);
  });

  it('twenty equal requests get one and the same', async () => {
    const message = await scene.message(`CN=${await user({ allowedRequests: 5 })}`, 'secret');
    const before = await scene.certificates();
    const replies = await Promise.all(Array.from({ length: 20 }, () => scene.send(message)));
    expect(new Set(replies.map(serialOf)).size).toBe(1);
    expect(await scene.certificates()).toBe(before + 1);
  });
});

describe('a commit whose outcome is unknown', () => {
  /** Blocks the write of an enrolment, does something, and lets it go on. */
  async function whileTheWriteWaits(username: string, act: (pid: number) => Promise<void>): Promise<void> {
    const runner = scene.gateway.application.get(DataSource).createQueryRunner();
    await runner.startTransaction();
    await runner.query('select 1 from end_entities where username = $1 for update', [username]);
    const waiting = () =>
      sql<{
        pid: number;
      }>(`select pid from pg_stat_activity where wait_event_type = 'Lock' and query like '%claimed as (%'
        and datname = current_database()`);
    try {
      await until(async () => (await waiting()).length === 1);
      await act((await waiting())[0]!.pid);
    } finally {
      await runner.rollbackTransaction();
      await runner.release();
    }
  }

  it('is answered with 503 and no CertRep, and the retry finds the truth', async () => {
    const username = await user();
    const message = await scene.message(`CN=${username}`, 'secret');
    const answer = scene.post(message.bytes);
    await whileTheWriteWaits(username, async (pid) => {
      await sql('select pg_terminate_backend($1)', [pid]);
    });
    const { status, contentType } = await answer;
    expect([status, contentType]).toEqual([503, 'text/plain']);
    expect((await scene.endEntities.get(username)).status).toBe('NEW');
    serialOf(await scene.send(message));
  });

  it('a configuration that changes meanwhile is noticed before anything is issued', async () => {
    const username = await user();
    const message = await scene.message(`CN=${username}`, 'secret');
    // Behind the gateway's back, as another gateway would, and without waiting for its notice.
    await sql(`update aliases set enabled = false where name = 'scep'`);
    const { status, body } = await scene.post(message.bytes);
    await sql(`update aliases set enabled = true where name = 'scep'`);
    expect(status === 404 ? 'refused' : decodeCertRep(body).outcome.pkiStatus).toBe('refused');
    expect((await scene.endEntities.get(username)).status).toBe('NEW');
  });
});

it('a certificate that the database refuses to store is answered with 503, and the request log tells of it', async () => {
  const username = await user();
  await sql('alter table certificates add constraint no_more check (issued_at is null) not valid');
  try {
    const { bytes } = await scene.message(`CN=${username}`, 'secret');
    expect((await scene.post(bytes)).status).toBe(503);
  } finally {
    await sql('alter table certificates drop constraint no_more');
  }
  expect((await scene.log())[0]).toMatchObject({ outcome: 'failed', username, errorCode: 'internal', failInfo: null });
});

describe('each message costs one statement that reads and one that writes', () => {
  /** The named statements that are sent meanwhile. */
  async function statements(work: () => Promise<unknown>): Promise<string[]> {
    const query = jest.spyOn(scene.gateway.application.get(DevicePool), 'query');
    try {
      await work();
      return query.mock.calls.map(([{ name }]) => name);
    } finally {
      query.mockRestore();
    }
  }

  it('PKCSReq, its repeat and its refusal', async () => {
    const message = await scene.message(`CN=${await user()}`, 'secret');
    expect(await statements(() => scene.send(message))).toEqual(['enrolment-facts', 'enrolment-issue']);
    expect(await statements(() => scene.send(message))).toEqual(['enrolment-facts', 'request-append']);
    const wrong = await scene.message(`CN=${await user()}`, 'wrong');
    expect(await statements(() => scene.send(wrong))).toEqual(['enrolment-facts', 'enrolment-refuse']);
  });

  it('a renewal', async () => {
    await scene.createAlias('renewing', { renewal: { window: '100%' } });
    const device = await enrolled(scene, 'renewing');
    expect(await statements(() => renew(scene, device, {}, 'renewing'))).toEqual(['renewal-facts', 'enrolment-issue']);
  });

  it('a request that begins to wait, and its polls', async () => {
    await scene.createAlias('approved', { approval: { enrolment: true } });
    const [username, desk] = [await user(), new ApprovalDesk(scene)];
    const message = await scene.message(`CN=${username}`, 'secret', {}, 'approved');
    expect(await statements(() => scene.send(message, 'approved'))).toEqual(['enrolment-facts', 'approval-open']);
    const poll = () => desk.poll(`CN=${username}`, {}, 'approved');
    expect(await statements(poll)).toEqual(['poll-facts', 'request-append']);
    await desk.approve(username);
    expect(await statements(poll)).toEqual(['poll-facts', 'request-append']);
  });
});
