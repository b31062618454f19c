import { AuditLog } from '../../src/audit/audit-log';
import type { Authority } from '../../src/authorities/authority';
import { CrlCatalogue } from '../../src/authorities/crl-catalogue';
import { CrlIssuer } from '../../src/authorities/crl-issuer';
import { CrlWriter, selectRevoked, type IssuedCrl } from '../../src/authorities/crl-writer';
import { createLogger } from '../../src/common/logger';
import { SystemRandomSource } from '../../src/common/random-source';
import { AdvisoryLock } from '../../src/database/advisory-lock';
import { openAuthorities, type AuthorityRoom } from '../support/authorities';
import { readCrl } from '../support/crl';
import { testDatabase, type TestDatabase } from '../support/test-database';

/** Two who both think they hold the lock: what is left when its connection was lost. */
class NoLock extends AdvisoryLock {
  private static own = 0;
  override withLock: AdvisoryLock['withLock'] = (name, work) => super.withLock(`${name}/${NoLock.own++}`, work);
}

let database: TestDatabase;
let rooms: [AuthorityRoom, AuthorityRoom];

beforeEach(async () => {
  database = await testDatabase();
  const first = await openAuthorities(database);
  rooms = [first, await openAuthorities(database, first.clock)];
  await first.service.create('administrator', { name: 'CA', subject: 'CN=CA', keyAlgorithm: 'EC-P256' });
});

afterEach(async () => {
  for (const room of rooms) await room.close();
  await database.close();
});

function writer({ dataSource, configurationVersion, clock }: AuthorityRoom, lock = new AdvisoryLock(dataSource)) {
  return new CrlWriter(lock, configurationVersion, new AuditLog(clock, new SystemRandomSource()), clock);
}

const authority = async (room: AuthorityRoom): Promise<Authority> => (await room.catalogue.byName('CA'))!;

async function write(room: AuthorityRoom, lock?: AdvisoryLock): Promise<IssuedCrl> {
  const ca = await authority(room);
  return writer(room, lock).write(ca, ca.generations.current, 'test');
}

async function newest(room: AuthorityRoom, generation?: number) {
  await room.configurationVersion.refresh();
  const crls = await new CrlCatalogue(room.configurationVersion, room.dataSource).get();
  return readCrl(crls.named('CA', generation)!.der);
}

/** A certificate that is revoked, straight into the table. */
async function revoked({ dataSource, clock }: AuthorityRoom, serial: string, generation = 1): Promise<void> {
  const now = clock.now();
  await dataSource.query(
    `insert into certificates (serial_number, authority_id, generation_id, username, certificate_profile, subject,
       certificate, public_key_hash, fingerprint, not_before, not_after, issued_at, revoked_at, revocation_reason)
     select decode($1, 'hex'), authority_id, id, 'a', 'P', 'CN=a', '', '', '', $2, $2, $2, $2, 4
     from authority_generations where number = $3`,
    [serial, now, generation],
  );
  await dataSource.query(
    `insert into revocation_revisions select id, 1 from authority_generations where number = $1
     on conflict (generation_id) do update set revision = revocation_revisions.revision + 1`,
    [generation],
  );
}

describe('CRL numbers', () => {
  it('exist once though two write at the same time without a lock, and none goes missing', async () => {
    const numbers: bigint[] = [];
    const round = async (room: AuthorityRoom): Promise<void> => {
      numbers.push((await write(room, new NoLock(room.dataSource))).number);
    };
    await Promise.all([...rooms, ...rooms].map(round));
    await Promise.all([...rooms, ...rooms].map(round));
    expect(numbers.map(Number).sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect((await newest(rooms[0])).number).toBe(8n);
  });

  it('order what the lists show: no revocation of one is missing from the next', async () => {
    const shown: [bigint, number][] = [];
    const step = async (index: number): Promise<void> => {
      const room = rooms[index % 2]!;
      await revoked(room, (index + 16).toString(16));
      const { number, entries } = await write(room, new NoLock(room.dataSource));
      shown.push([number, entries]);
    };
    for (let round = 0; round < 4; round++) await Promise.all([0, 1, 2].map((index) => step(round * 3 + index)));
    const counts = shown.sort(([a], [b]) => Number(a - b)).map(([, entries]) => entries);
    expect(counts).toEqual([...counts].sort((a, b) => a - b));
    expect(counts.at(-1)).toBe(12);
  });

  it('keep the newest two only, and are announced to others', async () => {
    const [room, other] = rooms;
    for (let i = 0; i < 4; i++) await write(room);
    const rows = await room.dataSource.query('select number::int from crls order by number');
    expect(rows).toEqual([{ number: 3 }, { number: 4 }]);
    expect((await newest(other)).number).toBe(4n);
  });
});

describe('a CRL', () => {
  it('lists serial numbers in the order of the database, across its partitions', async () => {
    const [room] = rooms;
    const serials = ['ff01', '0102', '7f', '80aa', '33', 'aabbccddeeff'];
    for (const serial of serials) await revoked(room, serial);
    expect(await write(room)).toMatchObject({ number: 1n, entries: serials.length });
    // Two digits each, so that JavaScript does not take one for an index.
    expect(Object.keys((await newest(room)).entries).filter((serial) => /[a-f]/.test(serial))).toEqual([
      '7f',
      '80aa',
      'aabbccddeeff',
      'ff01',
    ]);
    expect(Object.keys((await newest(room)).entries).sort()).toEqual(
      serials.map((serial) => serial.replace(/^00/, '')).sort((a, b) => (a < b ? -1 : 1)),
    );
  });

  it.each([1, 2])('is read by an index on the revoked alone, for %d generations', async (generations) => {
    const [room] = rooms;
    await room.dataSource.transaction(async (manager) => {
      await manager.query('set local enable_seqscan = off');
      const plan = await manager.query<Record<string, string>[]>(`explain ${selectRevoked(generations)}`, [
        room.clock.now(),
        ...[1, 2].slice(0, generations),
      ]);
      const text = plan.map((row) => Object.values(row)[0]).join('\n');
      expect(text).toMatch(/Merge Append/);
      expect(text).not.toMatch(/Sort {2}/);
    });
  });

  it('is one for generations of one key, whose CRLs nobody can tell apart, and one each for those of two', async () => {
    const [room] = rooms;
    const issuer = new CrlIssuer(room.catalogue, writer(room), room.dataSource, room.clock, createLogger('silent'));
    await issuer.issueDue();
    await room.rollovers.plan('test', 'CA', { key: 'same' });
    await issuer.issueDue();
    expect((await newest(room, 2)).number).toBe(2n);
    await room.rollovers.activate('test', 'CA');
    await revoked(room, '0b', 1);
    await issuer.afterRevocation(1, 1);
    await revoked(room, '0a', 2);
    await issuer.afterRevocation(1, 2);
    for (const generation of [1, 2])
      expect(await newest(room, generation)).toMatchObject({ number: 4n, entries: { '0a': 4, '0b': 4 } });
    await issuer.issueDue();
    expect((await newest(room)).number).toBe(4n);
    room.clock.advance({ hours: 24 });
    await issuer.issueDue();
    expect((await newest(room, 1)).number).toBe(5n);
    await room.rollovers.plan('test', 'CA', { key: 'new' });
    expect((await issuer.issue('CA', 'test')).map(({ generation, number }) => [generation, number])).toEqual([
      [2, 6n],
      [3, 1n],
    ]);
    expect((await newest(room, 3)).entries).toEqual({});
  });

  it('of a CA that may not sign CRLs is refused, and the job goes on', async () => {
    const [room] = rooms;
    const ca = await authority(room);
    const unfit = { ...ca.generations.current, certificate: Object.create(ca.generations.current.certificate) };
    Object.defineProperty(unfit.certificate, 'keyUsage', { value: new Set(['keyCertSign']) });
    await expect(writer(room).write(ca, unfit, 'test')).rejects.toMatchObject({ code: 'conflict' });
    const catalogue = {
      get: () => Promise.resolve({ byId: new Map([[1, { ...ca, generations: { current: unfit, former: [] } }]]) }),
    };
    const issuer = new CrlIssuer(catalogue as never, writer(room), room.dataSource, room.clock, createLogger('silent'));
    await expect(issuer.issueDue()).resolves.toBeUndefined();
    expect(await room.dataSource.query('select from crls')).toEqual([]);
  });

  it('that cannot follow a revocation makes nobody think that it has not taken place', async () => {
    const [room] = rooms;
    const catalogue = { get: () => Promise.reject(new Error('the database is away')) };
    const issuer = new CrlIssuer(catalogue as never, writer(room), room.dataSource, room.clock, createLogger('silent'));
    await expect(issuer.afterRevocation(1, 1)).resolves.toBeUndefined();
  });

  it('leaves no lock and no transaction behind when the key fails', async () => {
    const [room] = rooms;
    const ca = await authority(room);
    const { signer } = ca.generations.current;
    const failing = {
      ...ca.generations.current,
      signer: { publicKey: signer.publicKey, sign: () => Promise.reject(new Error('no key')) },
    };
    await expect(writer(room).write(ca, failing as never, 'test')).rejects.toThrow('no key');
    expect(await write(rooms[1])).toMatchObject({ number: 1n });
  });
});
