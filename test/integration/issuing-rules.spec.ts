import type { DataSource } from 'typeorm';
import type { Alias } from '../../src/aliases/alias';
import { LIMIT_DEFAULTS, type LimitSettings } from '../../src/aliases/limit-settings';
import { DevicePool } from '../../src/database/pg-pool';
import { EndEntityStatus } from '../../src/end-entities/end-entity-status';
import { EnrolmentFactsReader } from '../../src/enrolment/enrolment-facts.reader';
import type { EnrolmentRequest } from '../../src/enrolment/enrolment-request';
import { type Issue, IssuingWriter } from '../../src/enrolment/issuing.writer';
import type { Certificate } from '../../src/pki/x509/certificate';
import { DistinguishedName } from '../../src/pki/x509/distinguished-name';
import { type TestDatabase, testDatabase } from '../support/test-database';
import { until } from '../support/until';

const NOW = new Date('2026-01-02T03:04:05.678Z');
const LATER = new Date('2026-06-02T03:04:05.678Z');

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
  await dataSource.query(`insert into authorities (name) values ('Devices'), ('Others')`);
  await dataSource.query(`insert into authority_generations (authority_id, number, state, key_id, certificate)
    select id, 1, 'current', '00000000-0000-4000-8000-000000000000', '\\x00' from authorities`);
  await dataSource.query(`insert into certificate_profiles (name) values ('ENDUSER')`);
  await dataSource.query(`insert into end_entity_profiles (name) values ('EMPTY')`);
  await dataSource.query(`insert into aliases (name) values ('vpn')`);
});

afterAll(() => database.close());

beforeEach(async () => {
  await dataSource.query('delete from end_entities');
  await dataSource.query(
    'truncate certificates, scep_transactions, requests, unique_claims, compromised_keys, superseded_certificates, revocation_revisions',
  );
});

async function register(...usernames: string[]): Promise<void> {
  for (const username of usernames)
    await dataSource.query(
      `insert into end_entities (username, status, subject, authority_id, certificate_profile_id, end_entity_profile_id,
        enrolment_code_verifier, allowed_requests, remaining_requests)
       values ($1, $2, 'CN=registered', 1, 1, 1, '\\x0102', 100, 100)`,
      [username, EndEntityStatus.NEW],
    );
}

interface Wanted {
  readonly key?: number;
  readonly subject?: string;
  readonly unique?: { readonly publicKeys?: boolean; readonly subjects?: boolean };
  readonly limits?: Partial<LimitSettings>;
  readonly renews?: Buffer;
  readonly now?: Date;
  readonly notBefore?: Date;
  readonly shadow?: boolean;
}

let serials = 0;

/** Facts and certificate for one enrolment of this user; to be written. */
async function prepared(username: string, wanted: Wanted = {}): Promise<Issue> {
  const { endEntity } = await reader.read(username, '192.0.2.1', Buffer.alloc(32, 1), 1);
  serials += 1;
  const { now = NOW, key = 1, subject = `CN=${username}` } = wanted;
  return {
    request: {
      alias: {
        id: 1,
        name: 'vpn',
        notifications: { events: [] },
        limits: { ...LIMIT_DEFAULTS, ...wanted.limits },
      } as unknown as Alias,
      authority: {
        id: 1,
        name: 'Devices',
        unique: { publicKeys: false, subjects: false, ...wanted.unique },
        generations: {},
      },
      generation: { id: 1 },
      addressed: { id: 1 },
      transactionID: `T-${serials}`,
      messageType: 19,
      source: '192.0.2.1',
    } as unknown as EnrolmentRequest,
    endEntity: endEntity!,
    ledgerKey: Buffer.alloc(32, serials),
    replaces: undefined,
    judgedChallenge: true,
    sourceFailures: 0,
    registration: undefined,
    replacesApproval: undefined,
    held: undefined,
    renews: wanted.renews && { authorityId: 1, serialNumber: wanted.renews },
    names: { subject, altNames: '[]' },
    certificate: {
      der: Buffer.from(`certificate ${serials}`),
      publicKey: { hash: Buffer.alloc(32, key) },
      subject: DistinguishedName.parse(subject),
      fingerprint: () => Buffer.alloc(32, serials),
      notBefore: wanted.notBefore ?? now,
      notAfter: new Date('2027-01-02T03:04:05Z'),
    } as unknown as Certificate,
    certificateProfile: 'ENDUSER',
    template: undefined,
    serialNumber: Buffer.from([0x40, serials]),
    now,
    record: {
      id: crypto.randomUUID(),
      receivedAt: now,
      alias: 'vpn',
      source: '192.0.2.1',
      method: 'POST',
      outcome: 'issued',
      decoded: {},
    },
    audit: { id: crypto.randomUUID(), entry: { actor: 'gateway', action: 'certificate.issue', target: 'x' } },
  };
}

const write = (issue: Issue): Promise<boolean> => new IssuingWriter(pool).write(issue);
const issue = async (username: string, wanted?: Wanted): Promise<boolean> => write(await prepared(username, wanted));
const refusedBy = (rule: string): object => expect.objectContaining({ rule }) as object;

const count = async (table: string): Promise<number> =>
  (await dataSource.query<[{ n: number }]>(`select count(*)::int as n from ${table}`))[0].n;
/** Serial numbers (the second octet) that are revoked, with reason. */
const revoked = (): Promise<{ serial: number; reason: number; at: Date }[]> =>
  dataSource.query(`select get_byte(serial_number, 1) as serial, revocation_reason as reason, revoked_at as at
    from certificates where revoked_at is not null order by 1`);

// First, for what other connections have read is counted with a delay.
it('active certificates are looked for by an index, also when the plan was made while there were none', async () => {
  const single = await database.dataSource([], 1);
  const writer = new IssuingWriter(new DevicePool(single));
  const wanted = { limits: { maxActiveCertificates: 1, supersede: 'atOnce' }, unique: { publicKeys: true } };
  await register('a');
  await single.query('select pg_stat_reset()');
  for (let minutes = 0; minutes < 8; minutes++) {
    const now = new Date(NOW.getTime() + minutes * 60_000);
    expect(await writer.write(await prepared('a', { ...wanted, now }))).toBe(true);
  }
  await until(async () => {
    await single.query('select pg_stat_force_next_flush()');
    const [row] = await single.query<[{ scans: number }]>(
      `select coalesce(sum(idx_scan), 0)::int as scans from pg_stat_user_tables where relname ~ '^certificates_\\d+$'`,
    );
    return row.scans > 0;
  });
  const [row] = await single.query<[{ scans: number }]>(
    `select coalesce(sum(seq_scan), 0)::int as scans from pg_stat_user_tables where relname ~ '^certificates_\\d+$'`,
  );
  expect(row.scans).toBe(0);
});

describe('a key that was revoked for keyCompromise', () => {
  it('is certified for nobody, and nothing is written', async () => {
    await register('router-1');
    await dataSource.query('insert into compromised_keys values ($1, now())', [Buffer.alloc(32, 7)]);
    await expect(issue('router-1', { key: 7 })).rejects.toEqual(refusedBy('request.compromised-key'));
    expect([await count('certificates'), await count('requests'), await count('scep_transactions')]).toEqual([0, 0, 0]);
    const { endEntity } = await reader.read('router-1', '', Buffer.alloc(32), 1);
    expect(endEntity).toMatchObject({ remainingRequests: 100, status: EndEntityStatus.NEW });
    expect(await issue('router-1', { key: 8 })).toBe(true);
  });
});

describe('what is unique for an authority', () => {
  const unique = { publicKeys: true, subjects: true };

  it('is free where it is not asked for', async () => {
    await register('a', 'b');
    expect([await issue('a', { subject: 'CN=x' }), await issue('b', { subject: 'CN=x' })]).toEqual([true, true]);
    expect(await count('unique_claims')).toBe(0);
  });

  it('belongs to the end entity that has it first, as often as it likes', async () => {
    await register('a', 'b');
    for (let time = 0; time < 2; time++) expect(await issue('a', { unique, subject: 'CN=X  y' })).toBe(true);
    await expect(issue('b', { unique, subject: 'CN=b' })).rejects.toEqual(refusedBy('authority.uniquePublicKeys'));
    const other = { unique, subject: 'CN=x Y', key: 2 };
    await expect(issue('b', other)).rejects.toEqual(refusedBy('authority.uniqueSubjects'));
    expect(await count('certificates')).toBe(2);
    expect(await issue('b', { unique, key: 2 })).toBe(true);
  });

  it.each([
    ['blanks at the ends of a value', 'CN=\\ x\\ ,O=\\  Y\\ ', 'CN=x,O=y'],
    ['letter case beyond ASCII', 'CN=ÄÉ', 'CN=äé'],
    ['how an accent is written', 'CN=Ame\u0301lie', 'CN=Am\u00e9lie'],
  ])('does not depend on %s (RFC 5280 section 7.1)', async (_, subject, same) => {
    expect(DistinguishedName.parse(subject).equals(DistinguishedName.parse(same))).toBe(true);
    await register('a', 'b');
    await issue('a', { unique, subject });
    const other = { unique, subject: same, key: 2 };
    await expect(issue('b', other)).rejects.toEqual(refusedBy('authority.uniqueSubjects'));
  });

  it('is free again with the end entity', async () => {
    await register('a', 'b');
    await issue('a', { unique, subject: 'CN=x' });
    await dataSource.query(`delete from end_entities where username = 'a'`);
    expect(await issue('b', { unique, subject: 'CN=x' })).toBe(true);
  });

  it('does not hold for the empty subject', async () => {
    await register('a', 'b');
    const subjects = { unique: { subjects: true }, subject: '' };
    expect([await issue('a', subjects), await issue('b', { ...subjects, key: 2 })]).toEqual([true, true]);
  });

  it('is given to exactly one of two at once', async () => {
    const users = Array.from({ length: 8 }, (_, index) => `user-${index}`);
    await register(...users);
    const issues = await Promise.all(users.map((username) => prepared(username, { unique, subject: 'CN=same' })));
    const results = await Promise.allSettled(issues.map(write));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await count('certificates')).toBe(1);
  });
});

it('the same holds for end entities that are registered along with their certificate', async () => {
  const rules = { unique: { publicKeys: true }, limits: { maxActiveCertificates: 1, supersede: 'atOnce' } };
  await register('a');
  await issue('a', rules);
  const nextId = async (): Promise<string> =>
    (await dataSource.query<[{ id: string }]>(`select (max(id) + 1)::text as id from end_entities`))[0].id;
  const registered = async (username: string, key: number, latest?: Buffer): Promise<Issue> => {
    const base = await prepared(latest === undefined ? 'a' : username, { ...rules, key });
    return {
      ...base,
      endEntity: { ...base.endEntity, ...(latest === undefined && { id: await nextId(), username }) },
      registration: {
        kind: latest === undefined ? 'new' : 'again',
        certificateProfileId: 1,
        endEntityProfileId: 1,
        latest: latest && {
          authorityId: 1,
          serialNumber: latest,
          publicKeyHash: Buffer.alloc(32, key),
          revokedAt: null,
        },
      },
    };
  };
  await expect(write(await registered('mdm-1', 1))).rejects.toEqual(refusedBy('authority.uniquePublicKeys'));
  expect(await write(await registered('mdm-1', 2))).toBe(true);
  const first = Buffer.from([0x40, serials]);
  expect(await write(await registered('mdm-1', 2, first))).toBe(true);
  expect(await revoked()).toEqual([{ serial: first[1], reason: 4, at: NOW }]);
});

describe('active certificates', () => {
  const none = { maxActiveCertificates: 2, supersede: 'none' };
  const atOnce = { maxActiveCertificates: 2, supersede: 'atOnce' };
  const first = (): number => serials + 1;

  it('beyond the limit are refused, but what is expired, revoked or valid in the future does not count', async () => {
    await register('a');
    await issue('a', { limits: none });
    await issue('a', { limits: none });
    await expect(issue('a', { limits: none })).rejects.toEqual(refusedBy('limits.maxActiveCertificates'));
    await dataSource.query(`update certificates set not_after = $1 where serial_number = $2`, [
      NOW,
      Buffer.from([0x40, serials - 1]),
    ]);
    expect(await issue('a', { limits: none, notBefore: LATER })).toBe(true);
    expect(await issue('a', { limits: none })).toBe(true);
    await expect(issue('a', { limits: none })).rejects.toEqual(refusedBy('limits.maxActiveCertificates'));
  });

  it('do not count the one that is renewed', async () => {
    await register('a');
    const single = { maxActiveCertificates: 1, supersede: 'none' };
    await issue('a', { limits: single });
    const renews = Buffer.from([0x40, serials]);
    expect(await issue('a', { limits: single, renews })).toBe(true);
  });

  it('give way to the newest at once, with the reason, an audit event and the need of a CRL', async () => {
    await register('a', 'b');
    const start = first();
    const moments = [0, 1, 2, 3].map((minutes) => new Date(NOW.getTime() + minutes * 60_000));
    await issue('b', { now: moments[0]! });
    for (const now of moments) expect(await issue('a', { limits: atOnce, now })).toBe(true);
    expect(await revoked()).toEqual([
      { serial: start + 1, reason: 4, at: moments[2] },
      { serial: start + 2, reason: 4, at: moments[3] },
    ]);
    const targets = [start + 1, start + 2].map(
      (serial) => `certificates/Devices/40${serial.toString(16).padStart(2, '0')}`,
    );
    const events = await dataSource.query<{ target: string; details: object }[]>(
      `select target, details from audit_events where action = 'certificate.revoke' and target = any($1) order by target`,
      [targets],
    );
    const details = { reason: 'superseded', alias: 'vpn', username: 'a', subject: 'CN=a' };
    expect(events).toEqual(targets.map((target) => ({ target, details })));
    expect(await count('notifications')).toBe(0);
    expect(await dataSource.query('select generation_id, revision::int from revocation_revisions')).toEqual([
      { generation_id: 1, revision: 2 },
    ]);
  });

  it('give way in a renewal to what renews them, and who wants to know is told', async () => {
    await dataSource.query(`update aliases set settings = '{"notifications": {"events": ["revoked"]}}'`);
    await register('a');
    const single = { maxActiveCertificates: 1, supersede: 'atOnce' };
    await issue('a', { limits: single });
    const renews = Buffer.from([0x40, serials]);
    expect(await issue('a', { limits: single, renews, now: LATER })).toBe(true);
    expect(await revoked()).toEqual([{ serial: renews[1], reason: 4, at: LATER }]);
    const noted = await dataSource.query('select event, serial_number, details from notifications');
    await dataSource.query(`update aliases set settings = '{}'`);
    const details = { reason: 'superseded', revokedAt: LATER.toISOString() };
    expect(noted).toEqual([{ event: 'revoked', serial_number: renews, details }]);
  });

  it('are noted down to be revoked later, once', async () => {
    await register('a');
    const later = { maxActiveCertificates: 1, supersede: '7d' };
    const start = first();
    for (let minutes = 0; minutes < 3; minutes++)
      await issue('a', { limits: later, now: new Date(NOW.getTime() + minutes * 60_000) });
    expect(await revoked()).toEqual([]);
    const noted = await dataSource.query(
      'select get_byte(serial_number, 1) as serial, due_at as due from superseded_certificates order by 1',
    );
    expect(noted).toEqual([
      { serial: start, due: new Date(NOW.getTime() + 60_000 + 7 * 86_400_000) },
      { serial: start + 1, due: new Date(NOW.getTime() + 120_000 + 7 * 86_400_000) },
    ]);
  });

  it.each([
    ['none', 1],
    ['atOnce', 2],
  ])(
    'of two enrolments at once do not get beyond it by either not seeing the other: %s',
    async (supersede, written) => {
      await register('a');
      const limits = { maxActiveCertificates: 1, supersede };
      const issues = [await prepared('a', { limits }), await prepared('a', { limits })];
      const results = await Promise.all(issues.map(write));
      // The other one is judged anew by what is true then.
      expect(results.sort()).toEqual([false, true]);
      if (written === 1)
        await expect(issue('a', { limits })).rejects.toEqual(refusedBy('limits.maxActiveCertificates'));
      else expect(await issue('a', { limits, now: LATER })).toBe(true);
      expect((await count('certificates')) - (await revoked()).length).toBe(1);
    },
  );
});
