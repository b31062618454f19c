import type { DataSource } from 'typeorm';
import type { Alias } from '../../src/aliases/alias';
import type { PendingRequest } from '../../src/approvals/pending-request';
import { DevicePool } from '../../src/database/pg-pool';
import { EndEntityStatus } from '../../src/end-entities/end-entity-status';
import { EnrolmentFactsReader, type RegistrationFacts } from '../../src/enrolment/enrolment-facts.reader';
import type { EnrolmentRequest } from '../../src/enrolment/enrolment-request';
import type { Grant } from '../../src/enrolment/issuance';
import { type Issue, IssuingWriter } from '../../src/enrolment/issuing.writer';
import { type Opening, PendingWriter } from '../../src/enrolment/pending.writer';
import { RefusalWriter } from '../../src/enrolment/refusal.writer';
import { registrationOf } from '../../src/enrolment/registration-rules';
import type { Certificate } from '../../src/pki/x509/certificate';
import { DistinguishedName } from '../../src/pki/x509/distinguished-name';
import type { ProfileCatalogue } from '../../src/profiles/profile-catalogue';
import type { RequestRecord } from '../../src/requests/request-record';
import { type TestDatabase, testDatabase } from '../support/test-database';

const NOW = new Date('2026-01-02T03:04:05.678Z');
const SOURCE = '192.0.2.1';
const ALIAS = {
  id: 1,
  name: 'mdm',
  registers: { authorityId: undefined, certificateProfileId: 1, endEntityProfileId: 1 },
  limits: {
    failedAttempts: 3,
    failedAttemptsPerSource: 3,
    lockoutFor: 60,
    openApprovals: 10,
    openApprovalsPerEndEntity: 5,
  },
} as unknown as Alias;

// No end entity here has a profile with a limit of its own.
const NO_PROFILES = {} as ProfileCatalogue;

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
  await dataSource.query(`insert into authorities (name) values ('Devices'), ('Other')`);
  await dataSource.query(`insert into authority_generations (authority_id, number, state, key_id, certificate)
    select 1, n, state, '00000000-0000-4000-8000-000000000000', '\\x00'
    from (values (1, 'current'), (2, 'next')) as g (n, state)`);
  await dataSource.query(`insert into certificate_profiles (name) values ('ENDUSER'), ('DEVICE')`);
  await dataSource.query(`insert into end_entity_profiles (name) values ('EMPTY')`);
  await dataSource.query(`insert into aliases (name) values ('mdm')`);
});

afterAll(() => database.close());

beforeEach(async () => {
  await dataSource.query('delete from end_entities');
  await dataSource.query('truncate certificates, scep_transactions, requests, approvals, alias_failed_attempts');
});

const factsOf = (username: string | undefined, ledgerKey = Buffer.alloc(32, 7)): Promise<RegistrationFacts> =>
  reader.readRegistration(username, SOURCE, ledgerKey, 1);

const requestOf = (generation = 1): EnrolmentRequest =>
  ({
    alias: ALIAS,
    authority: { id: 1, name: 'Devices', unique: {}, generations: { next: { id: 2, startsAt: NOW } } },
    generation: { id: generation },
    addressed: { id: generation },
    source: SOURCE,
    transactionID: 'T-1',
    messageType: 19,
    certificationRequest: { publicKey: { hash: Buffer.alloc(32, 1) } },
  }) as unknown as EnrolmentRequest;

const record = (outcome: RequestRecord['outcome']): RequestRecord => ({
  id: crypto.randomUUID(),
  receivedAt: NOW,
  alias: 'mdm',
  source: SOURCE,
  method: 'POST',
  outcome,
  decoded: {},
});

const audit = () => ({ id: crypto.randomUUID(), entry: { actor: 'gateway', action: 'x.y', target: 'x' } });

let serials = 0;

/** Writes a certificate for the end entity that was found, or for a new one of that name. */
function issue(facts: RegistrationFacts, username: string, changes: Partial<Issue> = {}): Promise<boolean> {
  serials += 1;
  const request = changes.request ?? requestOf();
  return new IssuingWriter(pool).write({
    request,
    ...registrationOf(request as EnrolmentRequest, facts, username),
    ledgerKey: Buffer.alloc(32, serials),
    replaces: undefined,
    judgedChallenge: true,
    sourceFailures: 0,
    replacesApproval: undefined,
    renews: undefined,
    certificate: {
      der: Buffer.from(`certificate ${serials}`),
      publicKey: { hash: Buffer.alloc(32, serials) },
      subject: DistinguishedName.parse(`CN=${username}`),
      fingerprint: () => Buffer.alloc(32, serials),
      notBefore: NOW,
      notAfter: new Date('2027-01-02T03:04:05Z'),
    } as unknown as Certificate,
    held: undefined,
    names: { subject: `CN=${username}`, altNames: '[{"type":"dns","value":"a.example"}]' },
    certificateProfile: 'ENDUSER',
    template: undefined,
    serialNumber: Buffer.of(0x40, serials),
    now: NOW,
    record: record('issued'),
    audit: audit(),
    ...changes,
  });
}

async function registerAndIssue(username = 'phone-1', changes: Partial<Issue> = {}): Promise<void> {
  expect(await issue(await factsOf(username), username, changes)).toBe(true);
}

/** As much of a PKCS #10 as an approval keeps. */
const PKCS10 = {
  der: Buffer.of(0x30, 0),
  subject: DistinguishedName.parse('CN=phone-1'),
  withoutChallengePassword: () => Buffer.of(0x30, 0),
};

async function open(facts: RegistrationFacts, username: string, reserved = true): Promise<string> {
  const request = requestOf();
  const { endEntity, registration } = registrationOf(request, facts, username);
  const id = crypto.randomUUID();
  serials += 1;
  const pending = {
    id,
    alias: ALIAS,
    authority: request.authority,
    generationId: 1,
    endEntity,
    reserved,
    messageType: 19,
    transactionID: 'T-1',
    source: SOURCE,
    renews: undefined,
    contentHash: Buffer.alloc(32, serials),
    messageHash: Buffer.alloc(32),
    signerKeyHash: Buffer.alloc(32),
    certificationRequest: PKCS10,
    sealedChallengePassword: undefined,
    createdAt: NOW,
    expiresAt: new Date(NOW.getTime() + 1000),
  } as unknown as PendingRequest;
  return new PendingWriter(pool).open({
    request,
    ledgerKey: Buffer.alloc(32, serials),
    grant: { endEntity, registration, judgedChallenge: true, sourceFailures: 0 } as unknown as Grant,
    now: NOW,
    record: record('pending'),
    pending,
    names: { subject: `CN=${username}`, altNames: '[]' },
    audit: audit(),
  } satisfies Opening);
}

const counts = async (): Promise<unknown> => {
  const [row] = await dataSource.query<unknown[]>(`select (select count(*)::int from end_entities) as entities,
    (select count(*)::int from certificates) as certificates, (select count(*)::int from scep_transactions) as entries,
    (select count(*)::int from requests) as records, (select count(*)::int from approvals) as approvals`);
  return row;
};

const stored = async (username = 'phone-1'): Promise<unknown> =>
  (await dataSource.query<unknown[]>('select * from end_entities where username = $1', [username]))[0];

describe('an end entity that is registered along with its certificate', () => {
  it('appears in one with the certificate, the ledger entry and the record', async () => {
    await registerAndIssue();
    expect(await counts()).toEqual({ entities: 1, certificates: 1, entries: 1, records: 1, approvals: 0 });
    expect(await stored()).toMatchObject({
      status: EndEntityStatus.GENERATED,
      subject: 'CN=phone-1',
      subject_alt_names: [{ type: 'dns', value: 'a.example' }],
      authority_id: 1,
      certificate_profile_id: 1,
      end_entity_profile_id: 1,
      enrolment_code_verifier: null,
      allowed_requests: 1,
      remaining_requests: 0,
      registering_alias_id: 1,
      latest_serial_number: Buffer.of(0x40, serials),
    });
  });

  it('is one of a hundred at once that want the same name', async () => {
    const facts = await Promise.all(Array.from({ length: 100 }, () => factsOf('phone-1')));
    const written = await Promise.all(facts.map((each) => issue(each, 'phone-1')));
    expect(written.filter(Boolean)).toHaveLength(1);
    expect(await counts()).toEqual({ entities: 1, certificates: 1, entries: 1, records: 1, approvals: 0 });
  });

  it('is one of twenty equal requests at once that each have a random name', async () => {
    const facts = await Promise.all(Array.from({ length: 20 }, () => factsOf(undefined)));
    const ledgerKey = Buffer.alloc(32, 7);
    const written = await Promise.all(facts.map((each, i) => issue(each, `random-${i}`, { ledgerKey })));
    expect(written.filter(Boolean)).toHaveLength(1);
    expect(await counts()).toEqual({ entities: 1, certificates: 1, entries: 1, records: 1, approvals: 0 });
    const { endEntity, freshId, ledger } = await factsOf(undefined);
    expect([freshId, ledger?.username]).toEqual([undefined, endEntity?.username]);
  });

  it.each([
    ['the generation has had its turn', { request: requestOf(9) }],
    ['a wrong challenge of this source was counted meanwhile', { sourceFailures: 1 }],
  ])('does not appear where %s', async (_, changes) => {
    expect(await issue(await factsOf('phone-1'), 'phone-1', changes)).toBe(false);
    expect(await counts()).toEqual({ entities: 0, certificates: 0, entries: 0, records: 0, approvals: 0 });
  });

  it('does not stay where the rest cannot be written', async () => {
    const serialNumber = Buffer.of(0x40, 0xff);
    await registerAndIssue('phone-1', { serialNumber });
    await expect(issue(await factsOf('phone-2'), 'phone-2', { serialNumber })).rejects.toThrow();
    expect(await counts()).toMatchObject({ entities: 1, certificates: 1 });
  });

  it('keeps a certificate of the next generation beside, and has no latest one', async () => {
    await registerAndIssue('phone-1', { request: requestOf(2) });
    expect(await stored()).toMatchObject({
      latest_serial_number: null,
      shadow_serial_number: Buffer.of(0x40, serials),
      shadow_generation_id: 2,
    });
  });
});

describe('an end entity that was registered before', () => {
  beforeEach(() => registerAndIssue());

  it('gets the new content with the new certificate', async () => {
    const facts = await factsOf('phone-1');
    expect(facts).toMatchObject({
      freshId: undefined,
      latest: { authorityId: 1, publicKeyHash: Buffer.alloc(32, serials), revokedAt: null },
    });
    const names = { subject: 'CN=phone-1,O=New', altNames: '[]' };
    const registration = { ...registrationOf(requestOf(), facts, '').registration, certificateProfileId: 2 };
    expect(await issue(facts, 'phone-1', { names, registration })).toBe(true);
    expect(await stored()).toMatchObject({
      status: EndEntityStatus.GENERATED,
      subject_alt_names: [],
      certificate_profile_id: 2,
      latest_serial_number: Buffer.of(0x40, serials),
    });
    expect(await counts()).toMatchObject({ entities: 1, certificates: 2 });
  });

  it('gets one certificate of fifty at once that were judged by the same facts', async () => {
    const facts = await factsOf('phone-1');
    const written = await Promise.all(Array.from({ length: 50 }, () => issue(facts, 'phone-1')));
    expect(written.filter(Boolean)).toHaveLength(1);
    expect(await counts()).toMatchObject({ entities: 1, certificates: 2 });
  });

  it.each([
    ['its certificate was revoked', 'update certificates set revoked_at = now()'],
    ['another certificate is the latest', "update end_entities set latest_serial_number = '\\x72'"],
    ['it was closed', 'update end_entities set status = 50'],
    ['it was put back to NEW', 'update end_entities set status = 10, epoch = epoch + 1'],
    ['it became another alias its own', 'update end_entities set registering_alias_id = 2'],
  ])('gets none when meanwhile %s', async (_, change) => {
    const facts = await factsOf('phone-1');
    await dataSource.query(change);
    expect(await issue(facts, 'phone-1')).toBe(false);
    expect(await counts()).toMatchObject({ certificates: 1 });
  });

  it('gets one where it was put back to NEW although its last was revoked', async () => {
    await dataSource.query('update certificates set revoked_at = now()');
    await dataSource.query('update end_entities set status = 10, remaining_requests = 1, epoch = epoch + 1');
    expect(await issue(await factsOf('phone-1'), 'phone-1')).toBe(true);
    expect(await stored()).toMatchObject({ status: EndEntityStatus.GENERATED, remaining_requests: 0 });
  });
});

describe('an approval', () => {
  it('is opened in one with the end entity that it is for', async () => {
    expect(await open(await factsOf('phone-1'), 'phone-1')).toBe('written');
    expect(await counts()).toEqual({ entities: 1, certificates: 0, entries: 1, records: 1, approvals: 1 });
    expect(await stored()).toMatchObject({
      status: EndEntityStatus.INPROCESS,
      remaining_requests: 0,
      open_approvals: 1,
      registering_alias_id: 1,
    });
    const [joined] = await dataSource.query<{ same: boolean }[]>(
      'select a.end_entity_id = e.id as same from approvals a, end_entities e',
    );
    expect(joined).toEqual({ same: true });
  });

  it('is opened once for twenty at once that want the same name', async () => {
    const facts = await Promise.all(Array.from({ length: 20 }, () => factsOf('phone-1')));
    const results = await Promise.all(facts.map((each) => open(each, 'phone-1')));
    expect(results.filter((result) => result === 'written')).toHaveLength(1);
    expect(results.filter((result) => result === 'changed')).toHaveLength(19);
    expect(await counts()).toMatchObject({ entities: 1, approvals: 1 });
  });

  it('registers nobody where too many wait', async () => {
    for (let i = 0; i < 10; i++) expect(await open(await factsOf(`phone-${i}`), `phone-${i}`)).toBe('written');
    expect(await open(await factsOf('phone-10'), 'phone-10')).toBe('full');
    expect(await counts()).toMatchObject({ entities: 10, approvals: 10 });
  });

  it('leaves who has a certificate as it is', async () => {
    await registerAndIssue();
    expect(await open(await factsOf('phone-1'), 'phone-1')).toBe('written');
    expect(await stored()).toMatchObject({
      status: EndEntityStatus.GENERATED,
      open_approvals: 1,
      subject_alt_names: [{ type: 'dns', value: 'a.example' }],
    });
  });
});

describe('wrong challenges that no end entity can be blamed for', () => {
  const refuse = (now = NOW, source = SOURCE): Promise<void> =>
    new RefusalWriter(pool, NO_PROFILES).write(record('refused'), ALIAS, now, { endEntityId: undefined, source });
  const failures = async () => (await factsOf('phone-1')).sourceFailures;

  it('lock the source out of the alias after the limit, and nobody else', async () => {
    expect(await failures()).toBeUndefined();
    await refuse();
    await refuse();
    expect(await failures()).toEqual({ failures: 2, lockedUntil: null });
    await refuse();
    await refuse();
    expect(await failures()).toEqual({ failures: 3, lockedUntil: new Date(NOW.getTime() + 60_000) });
    expect((await reader.readRegistration('phone-1', '192.0.2.2', Buffer.alloc(32), 1)).sourceFailures).toBeUndefined();
    expect((await reader.readRegistration('phone-1', SOURCE, Buffer.alloc(32), 2)).sourceFailures).toBeUndefined();
    expect(await counts()).toMatchObject({ records: 4 });
  });

  it('are counted one by one, and begin anew when they or the lockout are over', async () => {
    await Promise.all(Array.from({ length: 20 }, () => refuse()));
    expect(await failures()).toMatchObject({ failures: 3 });
    await refuse(new Date(NOW.getTime() + 60_000));
    expect(await failures()).toEqual({ failures: 1, lockedUntil: null });
    await refuse(new Date(NOW.getTime() + 120_000));
    expect(await failures()).toEqual({ failures: 1, lockedUntil: null });
  });

  it('of other sources are forgotten when they are over', async () => {
    for (let i = 0; i < 30; i++) await refuse(NOW, `192.0.2.${i + 10}`);
    await refuse(new Date(NOW.getTime() + 30_000), '192.0.2.9');
    await refuse(new Date(NOW.getTime() + 60_000));
    expect(await dataSource.query('select count(*)::int as n from alias_failed_attempts')).toEqual([{ n: 12 }]);
  });

  it('count nothing where the alias is gone', async () => {
    const gone = { ...ALIAS, id: 99 } as Alias;
    await new RefusalWriter(pool, NO_PROFILES).write(record('refused'), gone, NOW, {
      endEntityId: undefined,
      source: SOURCE,
    });
    expect(await counts()).toMatchObject({ records: 1 });
  });
});
