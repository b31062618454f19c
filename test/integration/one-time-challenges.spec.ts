import type { DataSource } from 'typeorm';
import { AuditEventEntity } from '../../src/audit/audit-event.entity';
import { AuditLog } from '../../src/audit/audit-log';
import { AuditedChange } from '../../src/audit/audited-change';
import { ENTITIES } from '../../src/app.module';
import { OneTimeChallengeEntity } from '../../src/challenges/one-time/one-time-challenge.entity';
import { OneTimeChallenges, type OneTimeOrder } from '../../src/challenges/one-time/one-time-challenges';
import { ONE_TIME_FORMATS, oneTimeContext } from '../../src/challenges/one-time/one-time-secret';
import { SystemRandomSource } from '../../src/common/random-source';
import { TransactionRunner } from '../../src/database/transaction-runner';
import { OneTimeChallengeJob } from '../../src/jobs/one-time-challenge.job';
import { Verifier } from '../../src/keys/verifier';
import { FixedClock } from '../support/fixed-clock';
import { type TestDatabase, testDatabase } from '../support/test-database';

const ADMIN = 'administrator';
const clock = new FixedClock();
const verifier = new Verifier(Buffer.alloc(32, 7));
let database: TestDatabase;
let dataSource: DataSource;
let challenges: OneTimeChallenges;

beforeAll(async () => {
  database = await testDatabase();
  dataSource = await database.dataSource(ENTITIES, 10);
  const random = new SystemRandomSource();
  const transactions = new TransactionRunner(dataSource);
  const version = { refresh: () => Promise.resolve() } as never;
  const change = new AuditedChange(transactions, version, new AuditLog(clock, random));
  challenges = new OneTimeChallenges(dataSource, change, transactions, verifier, clock, random);
  await dataSource.query(`insert into aliases (name) values ('scep'), ('vpn')`);
  await dataSource.query(`insert into certificate_profiles (name) values ('PHONES')`);
});
afterAll(() => database.close());
beforeEach(() => dataSource.query('delete from one_time_challenges'));

const order = (changes: Partial<OneTimeOrder> = {}): OneTimeOrder => ({
  aliasId: 1,
  aliasName: 'scep',
  format: 'base64url',
  lifetimeSeconds: 3600,
  maximum: 5,
  issuedBy: ADMIN,
  ...changes,
});
const stored = (id: string): Promise<OneTimeChallengeEntity> =>
  dataSource.getRepository(OneTimeChallengeEntity).findOneByOrFail({ id });
const events = (): Promise<AuditEventEntity[]> =>
  dataSource.getRepository(AuditEventEntity).find({ order: { occurredAt: 'ASC' } });

test.each([
  ['base64url', /^[A-Za-z0-9_-]{22}$/],
  ['hex16', /^[0-9A-F]{16}$/],
  ['hex32', /^[0-9A-F]{32}$/],
] as const)('a challenge in the form %s differs each time', async (format, form) => {
  const values = await Promise.all([1, 2, 3].map(() => challenges.issue(order({ format }))));
  for (const { challengePassword } of values) expect(challengePassword).toMatch(form);
  expect(new Set(values.map(({ challengePassword }) => challengePassword)).size).toBe(3);
  expect(ONE_TIME_FORMATS).toContain(format);
});

test('nothing of a challenge is kept but a verifier that belongs to its alias', async () => {
  const { id, challengePassword, expiresAt } = await challenges.issue(order());
  expect(expiresAt).toEqual(new Date(clock.now().getTime() + 3_600_000));
  const row = await stored(id);
  expect(row.verifier).toEqual(verifier.compute(oneTimeContext(1), challengePassword));
  expect(row.verifier).not.toEqual(verifier.compute(oneTimeContext(2), challengePassword));
  expect(row).toMatchObject({ state: 'outstanding', issuedBy: ADMIN, expiresAt, failedAttempts: 0 });
  const everything = JSON.stringify([row, await events()]);
  expect(everything).not.toContain(challengePassword);
});

test('what it is bound to is stored in one spelling', async () => {
  const binding = {
    subject: 'cn=router-1, o=Example',
    subjectAltNames: [{ type: 'ip', value: '2001:DB8:0::1' }] as const,
    certificateProfile: 'PHONES',
    username: 'router-1',
  };
  const { id } = await challenges.issue(order({ binding }));
  expect(await stored(id)).toMatchObject({
    subject: 'CN=router-1,O=Example',
    subjectAltNames: [{ type: 'ip', value: '2001:db8::1' }],
    certificateProfileId: 1,
    username: 'router-1',
  });
  const [event] = (await events()).slice(-1);
  expect(event).toMatchObject({
    actor: ADMIN,
    action: 'challenge.issue',
    target: `aliases/scep/challenges/${id}`,
    details: { binding: { subject: 'CN=router-1,O=Example', certificateProfile: 'PHONES', username: 'router-1' } },
  });
});

test('a subject alone allows no subjectAltNames, and without a subject any', async () => {
  const bound = await challenges.issue(order({ binding: { subject: 'CN=a' } }));
  expect((await stored(bound.id)).subjectAltNames).toEqual([]);
  const free = await challenges.issue(order());
  expect((await stored(free.id)).subjectAltNames).toBeNull();
});

test('what nothing can be bound to is refused, all of it at once', async () => {
  const binding = {
    subject: 'no name',
    subjectAltNames: [{ type: 'dns', value: 'not a host' }] as const,
    certificateProfile: 'NONE',
  };
  await expect(challenges.issue(order({ binding }))).rejects.toMatchObject({
    code: 'invalid-input',
    fields: [
      { field: 'binding.subject' },
      { field: 'binding.subjectAltNames[0].value' },
      { field: 'binding.certificateProfile' },
    ],
  });
  await expect(challenges.issue(order({ binding: { subject: '' } }))).rejects.toMatchObject({ code: 'invalid-input' });
});

test('no more are outstanding than may be, however many are asked for at once', async () => {
  const results = await Promise.allSettled(Array.from({ length: 20 }, () => challenges.issue(order())));
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(5);
  const refused = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
  for (const error of refused) expect(error).toMatchObject({ code: 'conflict', rule: 'challenge.oneTime.maximum' });
  // Those of another alias are its own.
  await challenges.issue(order({ aliasId: 2, aliasName: 'vpn' }));
});

test('those that are used, revoked or expired make room', async () => {
  const [first, second] = await Promise.all([1, 2].map(() => challenges.issue(order({ maximum: 2 }))));
  await expect(challenges.issue(order({ maximum: 2 }))).rejects.toMatchObject({ code: 'conflict' });
  await challenges.revoke(ADMIN, { id: 1, name: 'scep' }, first!.id);
  await challenges.issue(order({ maximum: 2 }));
  await dataSource.query(`update one_time_challenges set state = 'used', closed_at = now() where id = $1`, [
    second!.id,
  ]);
  await challenges.issue(order({ maximum: 2 }));
  clock.advance({ hours: 1 });
  await Promise.all([1, 2].map(() => challenges.issue(order({ maximum: 2 }))));
});

test('the list has what is outstanding, newest first, page by page', async () => {
  const ids: string[] = [];
  for (let index = 0; index < 3; index++) {
    clock.advance({ seconds: 1 });
    ids.unshift((await challenges.issue(order({ binding: { certificateProfile: 'PHONES' } }))).id);
  }
  await challenges.issue(order({ aliasId: 2, aliasName: 'vpn' }));
  const [first] = await challenges.outstanding(1, 1);
  expect(first).toMatchObject({ id: ids[0], certificateProfile: { name: 'PHONES' } });
  expect((await challenges.outstanding(1, 10, first)).map(({ id }) => id)).toEqual(ids.slice(1));
  clock.advance({ hours: 1 });
  expect(await challenges.outstanding(1, 10)).toEqual([]);
});

test('one is taken back once, by the alias that it is of', async () => {
  const { id } = await challenges.issue(order());
  await expect(challenges.revoke(ADMIN, { id: 2, name: 'vpn' }, id)).rejects.toMatchObject({ code: 'not-found' });
  await challenges.revoke(ADMIN, { id: 1, name: 'scep' }, id);
  expect(await stored(id)).toMatchObject({ state: 'revoked', closedAt: clock.now() });
  await expect(challenges.revoke(ADMIN, { id: 1, name: 'scep' }, id)).rejects.toMatchObject({ code: 'conflict' });
  const [event] = (await events()).slice(-1);
  expect(event).toMatchObject({ action: 'challenge.revoke', target: `aliases/scep/challenges/${id}` });
});

test('the job forgets what has been over for a week', async () => {
  await challenges.issue(order());
  const job = new OneTimeChallengeJob(challenges);
  clock.advance({ days: 7 });
  const { id } = await challenges.issue(order());
  await job.run();
  expect(await dataSource.getRepository(OneTimeChallengeEntity).count()).toBe(2);
  clock.advance({ hours: 2 });
  await job.run();
  expect(await dataSource.getRepository(OneTimeChallengeEntity).find()).toMatchObject([{ id }]);
});

test('a challenge of an alias that is gone is refused, and its challenges go with it', async () => {
  await challenges.issue(order({ aliasId: 2, aliasName: 'vpn' }));
  await dataSource.query('delete from aliases where id = 2');
  expect(await dataSource.getRepository(OneTimeChallengeEntity).count()).toBe(0);
  await expect(challenges.issue(order({ aliasId: 2, aliasName: 'vpn' }))).rejects.toMatchObject({ code: 'not-found' });
});
