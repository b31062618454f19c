import type { DataSource } from 'typeorm';
import type { Alias } from '../../src/aliases/alias';
import { DevicePool } from '../../src/database/pg-pool';
import { EndEntityStatus } from '../../src/end-entities/end-entity-status';
import { type EnrolmentFacts, EnrolmentFactsReader } from '../../src/enrolment/enrolment-facts.reader';
import type { EnrolmentRequest } from '../../src/enrolment/enrolment-request';
import { type Issue, IssuingWriter } from '../../src/enrolment/issuing.writer';
import { RefusalWriter } from '../../src/enrolment/refusal.writer';
import type { Certificate } from '../../src/pki/x509/certificate';
import { DistinguishedName } from '../../src/pki/x509/distinguished-name';
import type { RequestRecord } from '../../src/requests/request-record';
import { type TestDatabase, testDatabase } from '../support/test-database';
import { until } from '../support/until';

const NOW = new Date('2026-01-02T03:04:05.678Z');
const LEDGER_KEY = Buffer.alloc(32, 7);
const SOURCE = '192.0.2.1';
const ALIAS = { id: 1, name: 'vpn', limits: { failedAttempts: 3, lockoutFor: 60 } } as unknown as Alias;

let database: TestDatabase;
let dataSource: DataSource;
let pool: DevicePool;
let reader: EnrolmentFactsReader;

beforeAll(async () => {
  database = await testDatabase();
  dataSource = await database.dataSource();
  pool = new DevicePool(dataSource);
  reader = new EnrolmentFactsReader(pool, { observe: () => undefined } as never);
  await dataSource.query(`insert into keys (id, algorithm, public_key, sealed_private_key)
    values ('00000000-0000-4000-8000-000000000000', 'RSA-2048', '\\x00', '\\x00')`);
  await dataSource.query(`insert into authorities (name) values ('Devices')`);
  await dataSource.query(`insert into authority_generations (authority_id, number, state, key_id, certificate)
    values (1, 1, 'current', '00000000-0000-4000-8000-000000000000', '\\x00')`);
  await dataSource.query(`insert into certificate_profiles (name) values ('ENDUSER')`);
  await dataSource.query(`insert into end_entity_profiles (name) values ('EMPTY')`);
  await dataSource.query(`insert into aliases (name) values ('vpn')`);
});

afterAll(() => database.close());

beforeEach(async () => {
  await dataSource.query('delete from end_entities');
  await dataSource.query('truncate certificates, scep_transactions, requests');
});

async function register(changes: { status?: number; remaining?: number } = {}): Promise<void> {
  await dataSource.query(
    `insert into end_entities (username, status, subject, authority_id, certificate_profile_id, end_entity_profile_id,
      enrolment_code_verifier, allowed_requests, remaining_requests)
     values ('router-1', $1, 'CN=router-1', 1, 1, 1, '\\x0102', $2, $2)`,
    [changes.status ?? EndEntityStatus.NEW, changes.remaining ?? 1],
  );
}

const facts = (ledgerKey = LEDGER_KEY): Promise<EnrolmentFacts> => reader.read('router-1', SOURCE, ledgerKey, 1);

const record = (outcome: RequestRecord['outcome']): RequestRecord => ({
  id: crypto.randomUUID(),
  receivedAt: NOW,
  alias: 'vpn',
  source: SOURCE,
  method: 'POST',
  outcome,
  decoded: { text: 'a NUL \0 and half a pair \ud800' },
});

let serials = 0;

async function issue(changes: Partial<Issue> = {}, by = pool): Promise<boolean> {
  const { endEntity } = await facts();
  serials += 1;
  return new IssuingWriter(by).write({
    request: {
      alias: ALIAS,
      authority: { id: 1, unique: {}, generations: {} },
      generation: { id: 1 },
      addressed: { id: 1 },
      source: SOURCE,
      transactionID: 'T-1',
      messageType: 19,
    } as unknown as EnrolmentRequest,
    endEntity: endEntity!,
    ledgerKey: LEDGER_KEY,
    replaces: undefined,
    judgedChallenge: true,
    sourceFailures: 0,
    ...{ held: undefined, registration: undefined, names: { subject: 'CN=router-1', altNames: '[]' } },
    replacesApproval: undefined,
    renews: undefined,
    certificate: {
      der: Buffer.from(`certificate ${serials}`),
      publicKey: { hash: Buffer.alloc(32, 1) },
      subject: DistinguishedName.parse('CN=router-1'),
      fingerprint: () => Buffer.alloc(32, serials),
      notBefore: NOW,
      notAfter: new Date('2027-01-02T03:04:05Z'),
    } as unknown as Certificate,
    certificateProfile: 'ENDUSER',
    template: undefined,
    serialNumber: Buffer.from([0x40, serials]),
    now: NOW,
    record: record('issued'),
    audit: { id: crypto.randomUUID(), entry: { actor: 'gateway', action: 'certificate.issue', target: 'x' } },
    ...changes,
  });
}

const count = async (table: string): Promise<number> =>
  (await dataSource.query<[{ n: number }]>(`select count(*)::int as n from ${table}`))[0].n;

describe('the one read', () => {
  it('finds nothing for an unknown user', async () => {
    expect(await facts()).toEqual({});
  });

  it('finds end entity and answer', async () => {
    await register();
    await issue();
    const { endEntity, ledger } = await facts();
    expect(endEntity).toMatchObject({ username: 'router-1', status: EndEntityStatus.GENERATED, remainingRequests: 0 });
    expect(ledger).toMatchObject({ username: 'router-1', answeredEpoch: 0, presentEpoch: 0, revokedAt: null });
    expect(ledger?.certificate.toString()).toMatch(/^certificate /);
  });

  it('uses no sequential scan of the large tables', async () => {
    await dataSource.query('set enable_seqscan = off');
    const plan = await dataSource.query<{ 'QUERY PLAN': string }[]>(
      `explain select 1 from scep_transactions t left join certificates c
         on c.authority_id = t.authority_id and c.serial_number = t.serial_number where t.ledger_key = '\\x00'`,
    );
    await dataSource.query('reset enable_seqscan');
    expect(plan.map((row) => row['QUERY PLAN']).join('\n')).not.toMatch(/Seq Scan on (certificates|scep_transactions)/);
  });
});

describe('the one write', () => {
  it('lets all appear together', async () => {
    await register();
    const events = await count('audit_events');
    expect(await issue()).toBe(true);
    expect([await count('certificates'), await count('scep_transactions'), await count('requests')]).toEqual([1, 1, 1]);
    expect(await count('audit_events')).toBe(events + 1);
  });

  it('keeps an end entity enrolling until its allowed requests are used', async () => {
    await register({ remaining: 2 });
    await issue();
    expect((await facts()).endEntity).toMatchObject({ status: EndEntityStatus.NEW, remainingRequests: 1 });
  });

  it('yields one certificate for a hundred at once', async () => {
    await register();
    const { endEntity } = await facts();
    const results = await Promise.all(
      Array.from({ length: 100 }, (_, i) =>
        issue({ endEntity: endEntity!, ledgerKey: Buffer.alloc(32, i), serialNumber: Buffer.from([0x50, i]) }),
      ),
    );
    expect(results.filter(Boolean)).toHaveLength(1);
    expect(await count('certificates')).toBe(1);
  });

  it('yields one certificate for equal requests at once, and takes no allowed request for the others', async () => {
    await register({ remaining: 5 });
    const { endEntity } = await facts();
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, i) => issue({ endEntity: endEntity!, serialNumber: Buffer.from([0x51, i]) })),
    );
    expect(results.filter(Boolean)).toHaveLength(1);
    expect(await count('certificates')).toBe(1);
    expect((await facts()).endEntity?.remainingRequests).toBe(4);
  });

  it('replaces an answer that is no longer current, and only the one that was read', async () => {
    await register({ remaining: 5 });
    await issue({ serialNumber: Buffer.from([0x60]) });
    expect(await issue({ replaces: Buffer.from([0x61]) })).toBe(false);
    expect(await issue({ replaces: Buffer.from([0x60]), serialNumber: Buffer.from([0x62]) })).toBe(true);
    expect((await facts()).ledger?.serialNumber).toEqual(Buffer.from([0x62]));
    expect((await facts()).endEntity?.remainingRequests).toBe(3);
  });

  it.each([
    ['its subject', "subject = 'CN=other'"],
    ['its epoch', 'epoch = epoch + 1'],
    ['its enrolment code', "enrolment_code_verifier = '\\x09'"],
    ['its status', 'status = 40'],
  ])('writes nothing when the end entity has changed since it was read: %s', async (_, change) => {
    await register();
    const { endEntity } = await facts();
    await dataSource.query(`update end_entities set ${change}`);
    expect(await issue({ endEntity: endEntity! })).toBe(false);
    expect([await count('certificates'), await count('requests')]).toEqual([0, 0]);
  });
});

describe('the one read and the one write of a renewal', () => {
  const FIRST = { authorityId: 1, serialNumber: Buffer.from([0x70]) };
  const renewalFacts = () => reader.readRenewal(1, FIRST.serialNumber, SOURCE, LEDGER_KEY, 1);

  beforeEach(async () => {
    await register();
    await issue({ serialNumber: FIRST.serialNumber, ledgerKey: Buffer.alloc(32, 9) });
  });

  const renew = async (serial: number, changes: Partial<Issue> = {}): Promise<boolean> =>
    issue({
      endEntity: (await renewalFacts()).endEntity!,
      serialNumber: Buffer.from([0x71, serial]),
      ledgerKey: Buffer.alloc(32, serial),
      renews: FIRST,
      judgedChallenge: false,
      ...changes,
    });

  it('finds the certificate and the end entity that has it', async () => {
    const { renewed, endEntity, ledger } = await renewalFacts();
    expect(renewed).toMatchObject({ username: 'router-1', alias: 'vpn', revokedAt: null });
    expect(endEntity).toMatchObject({ username: 'router-1', latestSerialNumber: FIRST.serialNumber });
    expect(ledger).toBeUndefined();
    const unknown = await reader.readRenewal(2, FIRST.serialNumber, SOURCE, LEDGER_KEY, 1);
    expect(unknown).toEqual({});
  });

  it('needs neither an enrolling status nor an allowed request, and forgives no failed attempt', async () => {
    await dataSource.query('update end_entities set failed_attempts = 2');
    expect(await renew(1)).toBe(true);
    expect((await renewalFacts()).endEntity).toMatchObject({
      status: EndEntityStatus.GENERATED,
      remainingRequests: 0,
      failedAttempts: 2,
      latestSerialNumber: Buffer.from([0x71, 1]),
    });
  });

  it('lets one of fifty at once through', async () => {
    const { endEntity } = await renewalFacts();
    const results = await Promise.all(Array.from({ length: 50 }, (_, i) => renew(i, { endEntity: endEntity! })));
    expect(results.filter(Boolean)).toHaveLength(1);
    expect(await count('certificates')).toBe(2);
  });

  it.each([
    ['its certificate was revoked', 'update certificates set revoked_at = now()'],
    ['another certificate is the latest', "update end_entities set latest_serial_number = '\\x72'"],
    ['the end entity was closed', 'update end_entities set status = 50'],
    ['the end entity was put back to NEW', 'update end_entities set epoch = epoch + 1'],
  ])('writes nothing when meanwhile %s', async (_, change) => {
    const { endEntity } = await renewalFacts();
    await dataSource.query(change);
    expect(await renew(1, { endEntity: endEntity! })).toBe(false);
    expect(await count('certificates')).toBe(1);
  });

  it('waits for a revocation that has begun, and writes nothing then', async () => {
    const { endEntity } = await renewalFacts();
    const runner = dataSource.createQueryRunner();
    await runner.startTransaction();
    try {
      await runner.query('update certificates set revoked_at = now()');
      const written = renew(1, { endEntity: endEntity! });
      await until(async () => {
        const waiting = await dataSource.query<unknown[]>(
          `select from pg_stat_activity where wait_event_type = 'Lock' and query like '%with renewed%'
            and datname = current_database()`,
        );
        return waiting.length === 1;
      });
      await runner.commitTransaction();
      expect(await written).toBe(false);
    } finally {
      await runner.release();
    }
  });
});

test('the server ends the issue where it and the removal of the end entity wait for each other: nothing is written', async () => {
  await register();
  const first = { authorityId: 1, serialNumber: Buffer.from([0x73]) };
  await issue({ serialNumber: first.serialNumber });
  const { endEntity } = await facts();
  // Who waits looks once whether it waits in a circle: the issue when the circle is there for sure, the removal never.
  const [{ name }] = await dataSource.query<[{ name: string }]>('select current_database() as name');
  await dataSource.query(`alter database "${name}" set deadlock_timeout = '4s'`);
  const patient = new DevicePool(await database.dataSource());
  const runner = dataSource.createQueryRunner();
  await runner.startTransaction();
  try {
    await runner.query(`set local deadlock_timeout = '1h'`);
    await runner.query('select from end_entities for update');
    const renewal = { endEntity: endEntity!, renews: first, judgedChallenge: false, ledgerKey: Buffer.alloc(32, 1) };
    const written = issue(renewal, patient);
    const waits = `select from pg_stat_activity where wait_event_type = 'Lock' and query like '%with renewed%' and datname = $1`;
    await until(async () => (await dataSource.query<unknown[]>(waits, [name])).length === 1);
    await runner.query('delete from end_entities');
    await runner.commitTransaction();
    expect([await written, await count('certificates')]).toEqual([false, 1]);
  } finally {
    if (runner.isTransactionActive) await runner.rollbackTransaction();
    await runner.release();
  }
});

describe('refusals', () => {
  const refuse = async (now = NOW, source = SOURCE, alias = ALIAS): Promise<void> => {
    const [{ id }] = await dataSource.query<[{ id: string }]>('select id from end_entities');
    await new RefusalWriter(pool, {} as never).write(record('refused'), alias, now, { endEntityId: id, source });
  };
  const PATIENT = { ...ALIAS, limits: { failedAttempts: 100, lockoutFor: 60 } } as Alias;

  it('records one without counting anything', async () => {
    await register();
    await new RefusalWriter(pool, {} as never).write(record('refused'), ALIAS, NOW, undefined);
    expect(await count('requests')).toBe(1);
    expect((await facts()).endEntity).toMatchObject({ failedAttempts: 0, sourceLockedUntil: null });
  });

  it('locks the source out after the limit, and nobody else', async () => {
    await register();
    await refuse();
    await refuse();
    expect((await facts()).endEntity?.sourceLockedUntil).toBeNull();
    await refuse();
    const { endEntity } = await facts();
    expect(endEntity?.sourceLockedUntil).toEqual(new Date(NOW.getTime() + 60_000));
    expect(endEntity?.lockedUntil).toBeNull();
    expect((await reader.read('router-1', '192.0.2.2', LEDGER_KEY, 1)).endEntity?.sourceLockedUntil).toBeNull();
  });

  it('begins to count again when a lockout is over', async () => {
    await register();
    for (let i = 0; i < 3; i++) await refuse();
    await refuse(new Date(NOW.getTime() + 60_000));
    expect((await facts()).endEntity?.sourceLockedUntil).toBeNull();
  });

  it('locks the end entity when many sources fail together, and forgives all by a success', async () => {
    await register();
    for (let i = 0; i < 29; i++) await refuse(NOW, `192.0.2.${i + 10}`);
    expect((await facts()).endEntity).toMatchObject({ lockedUntil: null, failedAttempts: 29 });
    await refuse(NOW, '192.0.2.99');
    expect((await facts()).endEntity?.lockedUntil).toEqual(new Date(NOW.getTime() + 60_000));
    await issue();
    expect((await facts()).endEntity).toMatchObject({ lockedUntil: null, failedAttempts: 0 });
    expect(await count('failed_attempts')).toBe(0);
  });

  it('counts concurrent failures one by one, of a source as many as lock it out', async () => {
    await register();
    await Promise.all(Array.from({ length: 40 }, (_, i) => refuse(NOW, `192.0.2.${i % 4}`)));
    expect((await facts()).endEntity?.failedAttempts).toBe(12);
    const rows = await dataSource.query('select source, failures, locked_until from failed_attempts order by 1');
    const until = new Date(NOW.getTime() + 60_000);
    expect(rows).toEqual([0, 1, 2, 3].map((i) => ({ source: `192.0.2.${i}`, failures: 3, locked_until: until })));
  });

  it('of one source never lock the others out, however long it goes on', async () => {
    await register();
    for (let lockout = 0; lockout < 12; lockout++)
      for (let i = 0; i < 5; i++) await refuse(new Date(NOW.getTime() + lockout * 61_000));
    expect((await facts()).endEntity).toMatchObject({ failedAttempts: 36, lockedUntil: null });
  });

  it('are forgotten once they are as old as a lockout is long, those of other sources too', async () => {
    await register();
    await refuse(NOW, '192.0.2.2');
    for (const seconds of [0, 0, 60, 119]) await refuse(new Date(NOW.getTime() + seconds * 1000));
    expect(await dataSource.query('select source, failures, locked_until from failed_attempts')).toEqual([
      { source: SOURCE, failures: 2, locked_until: null },
    ]);
  });

  it('of an alias with a higher limit end no lockout', async () => {
    await register();
    for (let i = 0; i < 30; i++) await refuse(NOW, `192.0.2.${i + 10}`);
    await refuse(NOW, SOURCE, PATIENT);
    expect((await facts()).endEntity?.lockedUntil).toEqual(new Date(NOW.getTime() + 60_000));
  });

  it('lock the end entity by no more of one source than lock that out, and by none that is as old as a lockout is long', async () => {
    await register();
    for (let i = 0; i < 30; i++) await refuse(NOW, '192.0.2.2', PATIENT);
    await refuse();
    expect((await facts()).endEntity?.lockedUntil).toBeNull();
    for (let i = 0; i < 25; i++) await refuse(NOW, `192.0.2.${i + 10}`);
    expect((await facts()).endEntity?.lockedUntil).toBeNull();
    await refuse(new Date(NOW.getTime() + 60_000), '192.0.2.99');
    expect((await facts()).endEntity?.lockedUntil).toBeNull();
  });

  it('that are counted while a right challengePassword is judged make it be judged anew', async () => {
    await register();
    const { endEntity } = await facts();
    await refuse();
    expect(await issue({ endEntity: endEntity! })).toBe(false);
    expect([await count('certificates'), await count('requests')]).toEqual([0, 1]);
    expect(await issue({ endEntity: endEntity!, judgedChallenge: false })).toBe(true);
  });
});
