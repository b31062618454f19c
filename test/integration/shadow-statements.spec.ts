import type { DataSource } from 'typeorm';
import { LIMIT_DEFAULTS } from '../../src/aliases/limit-settings';
import { DevicePool } from '../../src/database/pg-pool';
import { EndEntityStatus } from '../../src/end-entities/end-entity-status';
import { type ApprovedIssue, ApprovedIssuingWriter } from '../../src/enrolment/approved-issuing.writer';
import { type EndEntityFacts, EnrolmentFactsReader } from '../../src/enrolment/enrolment-facts.reader';
import { type Issue, IssuingWriter } from '../../src/enrolment/issuing.writer';
import type { Certificate } from '../../src/pki/x509/certificate';
import { DistinguishedName } from '../../src/pki/x509/distinguished-name';
import { type TestDatabase, testDatabase } from '../support/test-database';

const NOW = new Date('2026-01-02T03:04:05Z');
/** Ids of the generations: two that follow each other, and one that comes after them. */
const [OLD, NEW, LATER] = [1, 2, 3];
let database: TestDatabase;
let dataSource: DataSource;
let pool: DevicePool;
let serials = 0;

beforeAll(async () => {
  database = await testDatabase();
  dataSource = await database.dataSource();
  pool = new DevicePool(dataSource);
  await dataSource.query(`insert into keys (id, algorithm, public_key, sealed_private_key)
    values ('00000000-0000-4000-8000-000000000000', 'RSA-2048', '\\x00', '\\x00')`);
  await dataSource.query(`insert into authorities (name) values ('Devices')`);
  await dataSource.query(`insert into certificate_profiles (name) values ('ENDUSER')`);
  await dataSource.query(`insert into end_entity_profiles (name) values ('EMPTY')`);
  await dataSource.query(`insert into aliases (name) values ('vpn')`);
});

afterAll(() => database.close());

beforeEach(async () => {
  await dataSource.query('delete from end_entities');
  await dataSource.query(
    'truncate certificates, scep_transactions, approvals, authority_generations restart identity cascade',
  );
  await dataSource.query(`insert into authority_generations (authority_id, number, state, key_id, certificate)
    select 1, n, state, '00000000-0000-4000-8000-000000000000', '\\x00'
    from (values (1, 'current'), (2, 'next')) as g (n, state)`);
  await dataSource.query(
    `insert into end_entities (username, status, subject, authority_id, certificate_profile_id, end_entity_profile_id,
      enrolment_code_verifier, allowed_requests, remaining_requests)
     values ('router-1', $1, 'CN=router-1', 1, 1, 1, '\\x0102', 9, 9)`,
    [EndEntityStatus.NEW],
  );
});

const facts = async (): Promise<EndEntityFacts> => {
  const reader = new EnrolmentFactsReader(pool, { observe: () => undefined } as never);
  return (await reader.read('router-1', '192.0.2.1', Buffer.alloc(32), 1)).endEntity!;
};

/** The certificate with this serial number, by a generation; `shadow`: which was the next one when it was judged. */
const certificateBy = (generation: number, shadow: boolean, serial: number) => ({
  request: {
    alias: { id: 1, name: 'vpn', limits: LIMIT_DEFAULTS },
    authority: { id: 1, unique: {}, generations: { next: shadow ? { id: generation, startsAt: NOW } : undefined } },
    generation: { id: generation },
    source: '192.0.2.1',
    transactionID: 'T-1',
    messageType: 19,
  },
  certificate: {
    der: Buffer.of(serial),
    publicKey: { hash: Buffer.alloc(32, 1) },
    subject: DistinguishedName.parse('CN=router-1'),
    fingerprint: () => Buffer.alloc(32, serial),
    notBefore: NOW,
    notAfter: new Date('2027-01-02T03:04:05Z'),
  } as unknown as Certificate,
  names: { subject: 'CN=router-1', altNames: '[]' },
  certificateProfile: 'ENDUSER',
  serialNumber: Buffer.of(serial),
  now: NOW,
});

const auditOf = () => ({
  id: crypto.randomUUID(),
  entry: { actor: 'gateway', action: 'certificate.issue', target: 'x' },
});

/** Writes a certificate of a generation. */
async function issue(generation: number, shadow = false, renews?: number): Promise<number | undefined> {
  const serial = (serials += 1);
  const written = await new IssuingWriter(pool).write({
    ...certificateBy(generation, shadow, serial),
    endEntity: await facts(),
    ledgerKey: Buffer.alloc(32, serial),
    judgedChallenge: false,
    renews: renews === undefined ? undefined : { authorityId: 1, serialNumber: Buffer.of(renews) },
    record: {
      id: crypto.randomUUID(),
      receivedAt: NOW,
      alias: 'vpn',
      source: 'x',
      method: 'POST',
      outcome: 'issued',
      decoded: {},
    },
    audit: auditOf(),
  } as unknown as Issue);
  return written ? serial : undefined;
}

/** Has a request wait, and writes the certificate of a generation that an officer has approved. */
async function approve(generation: number, shadow = false): Promise<number | undefined> {
  const serial = (serials += 1);
  const id = crypto.randomUUID();
  await dataSource.query(
    `insert into approvals (id, state, alias, authority, generation_id, end_entity_epoch, username, reserved,
       message_type, transaction_id, transactions, source, content_hash, message_hash, signer_key_hash,
       certification_request, fingerprints, subject, created_at, expires_at, tell_device)
     values ($1, 'waiting', 'vpn', 'Devices', 1, 0, 'router-1', true, 19, 'T-1', 1, '', $2, '', '', '', '{}', '', $3,
       $3::timestamptz + interval '1 day', false)`,
    [id, Buffer.of(serial), NOW],
  );
  await dataSource.query(
    `insert into scep_transactions (ledger_key, alias_id, transaction_id, public_key_hash, message_type, state,
       end_entity_id, end_entity_epoch, authority_id, approval_id, created_at, updated_at)
     select $1, 1, 'T-1', $1, 19, 'pending', id, 0, 1, $2, $3, $3 from end_entities`,
    [Buffer.alloc(32, serial), id, NOW],
  );
  await dataSource.query('update end_entities set open_approvals = open_approvals + 1');
  const written = await new ApprovedIssuingWriter(pool).write({
    ...certificateBy(generation, shadow, serial),
    endEntity: await facts(),
    approval: { id, decidedBy: 'alice', reserved: true },
    audit: [auditOf()],
  } as unknown as ApprovedIssue);
  return written ? serial : undefined;
}

const latest = async (): Promise<number | undefined> => (await facts()).latestSerialNumber?.[0];

const setStates = async (...states: readonly [id: number, state: string][]): Promise<void> => {
  for (const [id, state] of states)
    await dataSource.query('update authority_generations set state = $2 where id = $1', [id, state]);
};
const switchOver = (): Promise<void> => setStates([OLD, 'previous'], [NEW, 'current']);

it('a generation issues in its turn only: what was judged before a switch is not written after it', async () => {
  expect(await issue(OLD)).toBeDefined();
  await switchOver();
  expect(await issue(OLD)).toBeUndefined();
  expect(await issue(NEW, true)).toBeUndefined();
  expect(await issue(NEW)).toBeDefined();
});

it('nor what an officer has approved', async () => {
  expect(await approve(OLD)).toBeDefined();
  expect(await approve(NEW, true)).toBeDefined();
  expect(await approve(NEW, true)).toBeUndefined();
  await switchOver();
  expect(await approve(OLD)).toBeUndefined();
  expect(await approve(NEW, true)).toBeUndefined();
  expect(await approve(NEW)).toBeDefined();
});

it('nothing is written by a rollover that was withdrawn meanwhile', async () => {
  await setStates([NEW, 'withdrawn']);
  expect(await issue(NEW, true)).toBeUndefined();
});

it('of shadow certificates at once each generation gives one', async () => {
  const written = await Promise.all(Array.from({ length: 5 }, () => issue(NEW, true)));
  expect(written.filter((serial) => serial !== undefined)).toHaveLength(1);
});

it('a shadow certificate is the latest as of the switch, whatever was renewed until then', async () => {
  const first = await issue(OLD);
  const shadow = await issue(NEW, true, first);
  expect(await latest()).toBe(first);
  const renewed = await issue(OLD, false, first);
  expect(await latest()).toBe(renewed);
  await switchOver();
  expect(await latest()).toBe(shadow);
  expect(await issue(NEW, false, renewed)).toBeUndefined();
  const next = await issue(NEW, false, shadow);
  expect(await latest()).toBe(next);
  expect((await facts()).shadowGenerationId).toBeNull();
});

it('the shadow certificate of a rollover that was withdrawn is never the latest', async () => {
  const first = await issue(OLD);
  await issue(NEW, true, first);
  await setStates([NEW, 'withdrawn']);
  expect(await latest()).toBe(first);
  expect(await issue(OLD, false, first)).toBeDefined();
});

it('with the rollover after the next, the shadow certificate of the first becomes the one that is renewed', async () => {
  const shadow = await issue(NEW, true, await issue(OLD));
  await switchOver();
  await dataSource.query(`insert into authority_generations (authority_id, number, state, key_id, certificate)
    values (1, 3, 'next', '00000000-0000-4000-8000-000000000000', '\\x00')`);
  const second = await issue(LATER, true, shadow);
  expect(second).toBeDefined();
  expect(await latest()).toBe(shadow);
  await setStates([OLD, 'retired'], [NEW, 'previous'], [LATER, 'current']);
  expect(await latest()).toBe(second);
});
